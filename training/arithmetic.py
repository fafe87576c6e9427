"""Arithmetic: expression trees (int or tuple), printer, parser, canonical reduction, generator, checker."""

from random import Random

MAXIMUM = 9999
PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2}
Tree = int | tuple  # number, or (operator, left, right)


def show(tree: Tree) -> str:
    """Text with minimal parentheses (FORMAT.md)."""
    if isinstance(tree, int):
        return str(tree)
    op, left, right = tree
    p = PRECEDENCE[op]
    l, r = show(left), show(right)
    if not isinstance(left, int) and PRECEDENCE[left[0]] < p:
        l = f"({l})"
    if not isinstance(right, int):
        q = PRECEDENCE[right[0]]
        if q < p or (q == p and op in "-/"):
            r = f"({r})"
    return l + op + r


def parse(text: str) -> Tree:
    """Left-associative tree; ValueError when the text is not of the grammar."""
    position = 0

    def peek() -> str:
        return text[position] if position < len(text) else ""

    def atom() -> Tree:
        nonlocal position
        if peek() == "(":
            position += 1
            tree = chain(1)
            if peek() != ")":
                raise ValueError("missing )")
            position += 1
            return tree
        start = position
        while peek().isdigit():
            position += 1
        digits = text[start:position]
        if not digits or (len(digits) > 1 and digits[0] == "0"):
            raise ValueError("number expected")
        return int(digits)

    def chain(level: int) -> Tree:
        nonlocal position
        tree = atom() if level == 3 else chain(level + 1)
        while level < 3 and peek() and PRECEDENCE.get(peek()) == level:
            op = peek()
            position += 1
            tree = (op, tree, atom() if level == 2 else chain(2))
        return tree

    tree = chain(1)
    if position != len(text):
        raise ValueError("trailing text")
    return tree


def apply(op: str, a: int, b: int) -> int | None:
    """Result within 0..9999, or None."""
    if op == "/":
        return a // b if b and a % b == 0 else None
    c = a + b if op == "+" else a - b if op == "-" else a * b
    return c if 0 <= c <= MAXIMUM else None


def value(tree: Tree) -> int | None:
    if isinstance(tree, int):
        return tree
    a, b = value(tree[1]), value(tree[2])
    return None if a is None or b is None else apply(tree[0], a, b)


def reduce_leftmost(tree: Tree, result: int | None = None):
    """(operator, a, b, c, tree after) for the leftmost node over two numbers; `result` overrides c."""
    op, left, right = tree
    if isinstance(left, int) and isinstance(right, int):
        c = apply(op, left, right) if result is None else result
        return op, left, right, c, c
    inner = reduce_leftmost(right if isinstance(left, int) else left, result)
    rest = (op, left, inner[4]) if isinstance(left, int) else (op, inner[4], right)
    return *inner[:4], rest


def write_step(op: str, a: int, b: int, c: int, rest: Tree) -> str:
    return f"{a}{op}{b}={c}|{show(rest)}"


def solve(tree: Tree) -> list[str]:
    steps = []
    while not isinstance(tree, int):
        *step, tree = reduce_leftmost(tree)
        steps.append(write_step(*step, tree))
    return steps


def operations(tree: Tree) -> int:
    return 0 if isinstance(tree, int) else 1 + operations(tree[1]) + operations(tree[2])


def _grow(count: int, goal: int, scale: int, random: Random) -> Tree:
    """A tree of `count` operations whose value is `goal`, built from the top down."""
    if count == 0:
        return goal
    left = random.randint(0, count - 1) if random.random() < 0.4 else random.choice((0, count - 1))
    op = random.choices("+-*/", (4, 4, 4, 2))[0]
    if op == "*":
        divisors = [d for d in range(2, min(goal, 100)) if goal % d == 0] if goal > 3 else []
        if divisors:
            d = random.choice(divisors)
            a, b = (d, goal // d) if random.random() < 0.5 else (goal // d, d)
        else:
            op = random.choice("+-")
    if op == "/":
        b = random.randint(2, 12 if scale > 12 else 9)
        a = goal * b
        if a > min(MAXIMUM, scale * 30):
            op = "-"
    if op == "+":
        if goal < 2:
            op = "-"
        else:
            a = random.randint(1, goal - 1)
            b = goal - a
    if op == "-":
        b = random.randint(1, scale)
        a = goal + b
    return op, _grow(left, a, scale, random), _grow(count - 1 - left, b, scale, random)


def sample(count: int, random: Random) -> Tree:
    """A canonical tree of `count` operations; number size varies."""
    while True:
        scale = random.choice((20, 50, 99, 150) if count <= 3 else (12, 20, 50, 99))
        cap = random.choice((60, 200, 999, 2000))
        if random.random() < 0.35:
            tree = _free(count, scale, random)
        else:
            tree = _grow(count, random.randint(1, cap), scale, random)
        tree = parse(show(tree))
        leaves = _leaves(tree)
        if value(tree) is None or max(leaves) > 999 or operations(tree) != count:
            continue
        if len(show(tree)) > 48 or sum(x == 1 or x == 0 for x in leaves) > 1 + count // 4:
            continue
        return tree


def _free(count: int, scale: int, random: Random) -> Tree:
    if count == 0:
        return random.randint(1, scale)
    left = random.randint(0, count - 1)
    op = random.choices("+-*/", (4, 3, 3, 1))[0]
    return op, _free(left, scale, random), _free(count - 1 - left, scale, random)


def sums(random: Random) -> Tree:
    """One to three additions and subtractions of numbers of one to three digits, lengths mixed: where columns have to be
    aligned is where small models err surely."""
    while True:
        tree: Tree = random.randint(1, 10 ** random.randint(1, 3) - 1)
        for _ in range(random.choice((1, 1, 2, 3))):
            tree = random.choice("+-"), tree, random.randint(1, 10 ** random.randint(1, 3) - 1)
        if value(tree) is not None:
            return tree


def _leaves(tree: Tree) -> list[int]:
    return [tree] if isinstance(tree, int) else _leaves(tree[1]) + _leaves(tree[2])


def after_steps(tree: Tree):
    """Every (a, op, b, c, text after) of one legal, true step."""
    if isinstance(tree, int):
        return
    op, left, right = tree
    if isinstance(left, int) and isinstance(right, int):
        c = apply(op, left, right)
        if c is not None:
            yield (left, op, right, c), c
        return
    for head, after in after_steps(left):
        yield head, (op, after, right)
    for head, after in after_steps(right):
        yield head, (op, left, after)


def check_step(tree: Tree, line: str) -> Tree | None:
    for (a, op, b, c), after in after_steps(tree):
        if line == f"{a}{op}{b}={c}|{show(after)}":
            return after
    return None


def answer_of(steps: list[str]) -> str | None:
    """The final number as text, or None when unfinished."""
    if not steps or "|" not in steps[-1]:
        return None
    tail = steps[-1].split("|")[-1]
    return tail if tail.isdigit() else None
