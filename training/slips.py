"""Deliberate mistakes of the kinds a small model makes, for verifier data. Each returns the wrong step and what follows."""

from random import Random

from . import arithmetic, countdown, equations


def wrong_number(c: int, random: Random) -> int:
    """A plausible wrong result: digit off, carry, magnitude, digits swapped."""
    text = str(abs(c))
    for _ in range(20):
        kind = random.random()
        if kind < 0.2:
            d = c + random.choice((-2, -1, -1, 1, 1, 2))
        elif kind < 0.42:
            d = c + random.choice((-10, 10, -10, 10, -100, 100, -20, 20, -9, 9, 11, -11))
        elif kind < 0.75:  # the policy's commonest: one digit in the middle, which neither size nor last digit betray
            i = random.randrange(len(text))
            d = int(text[:i] + str(random.randint(0, 9)) + text[i + 1 :])
        elif kind < 0.85 and len(text) > 1:
            i = random.randrange(len(text) - 1)
            d = int(text[:i] + text[i + 1] + text[i] + text[i + 2 :])
        elif kind < 0.95:
            d = int(random.choice((text + random.choice("0123456789"), text[:-1] or "1", text[1:] or "2")))
        else:
            d = random.randint(0, 2 * abs(c) + 10)
        if d != c and 0 <= d <= 9999:
            return d
    return c + 1


def change_number_in(text: str, random: Random) -> str:
    """Another number of the text miscopied, or dropped digits."""
    spans, start = [], None
    for i, ch in enumerate(text + " "):
        if ch.isdigit() and start is None:
            start = i
        elif not ch.isdigit() and start is not None:
            spans.append((start, i))
            start = None
    a, b = random.choice(spans)
    return text[:a] + str(wrong_number(int(text[a:b]), random)) + text[b:]


def slip_countdown(state, target: int, limit: int, random: Random):
    """(line, numbers left) of an illegal or untrue step."""
    step = countdown.random_move(state, limit, random)
    if step is None:
        return None
    (a, op, b, c), rest = step
    others = list(rest)
    others.remove(c)
    kind = random.random()
    if kind < 0.5:  # wrong result, carried into the list
        wrong = target if len(state) == 2 and c != target and random.random() < 0.7 else wrong_number(c, random)
        if c == wrong:
            return None
        left = sorted([*others, wrong])
        return f"{a}{op}{b}={wrong}|{' '.join(map(str, left))}", tuple(left)
    if kind < 0.65 and others:  # a number lost
        others.pop(random.randrange(len(others)))
        left = sorted([*others, c])
    elif kind < 0.8 and others:  # a number changed
        i = random.randrange(len(others))
        others[i] = wrong_number(others[i], random)
        left = sorted([*others, c])
    elif kind < 0.9:  # an operand still there, or the result missing
        left = sorted([*others, random.choice((a, b)), c])
    else:  # an operand that is not in the list
        wrong = wrong_number(a, random)
        result = countdown_result(wrong, op, b)
        if wrong in state or result is None:
            return None
        left = sorted([*others, result])
        return f"{wrong}{op}{b}={result}|{' '.join(map(str, left))}", tuple(left)
    return f"{a}{op}{b}={c}|{' '.join(map(str, left))}", tuple(left)


def countdown_result(a: int, op: str, b: int) -> int | None:
    c = a + b if op == "+" else a * b if op == "*" else a - b if op == "-" else (a // b if b and a % b == 0 else -1)
    return c if 0 < c <= 9999 else None


def slip_arithmetic(tree, random: Random):
    """(line, tree left) of an untrue step."""
    op, a, b, c, rest = arithmetic.reduce_leftmost(tree)
    if c is None:
        c = {"-": abs(a - b), "/": a // max(b, 1), "*": a * b % 10000, "+": (a + b) % 10000}[op]
    kind = random.random()
    if kind < 0.68 or (isinstance(tree[1], int) and isinstance(tree[2], int)):
        if kind < 0.1:
            other = random.choice([o for o in "+-*" if o != op])
            wrong = arithmetic.apply(other, a, b)
            wrong = wrong_number(c, random) if wrong is None else wrong
        else:
            wrong = wrong_number(c, random)
        *_, rest = arithmetic.reduce_leftmost(tree, wrong)
        return f"{a}{op}{b}={wrong}|{arithmetic.show(rest)}", rest
    *_, rest = arithmetic.reduce_leftmost(tree, c)
    text = arithmetic.show(rest)
    changed = text
    if kind < 0.85:
        changed = change_number_in(text, random)
    elif kind < 0.93:
        signs = [i for i, ch in enumerate(text) if ch in "+-*/"]
        i = random.choice(signs)
        changed = text[:i] + random.choice("+-*/") + text[i + 1 :]
    else:
        changed = arithmetic.show(drop_operand(rest, random))
    try:
        tree = arithmetic.parse(changed)
    except ValueError:
        return None
    return f"{a}{op}{b}={c}|{arithmetic.show(tree)}", tree


def drop_operand(tree, random: Random):
    if isinstance(tree, int):
        return tree
    op, left, right = tree
    if isinstance(left, int) and isinstance(right, int) or random.random() < 0.3:
        return random.choice((left, right))
    if isinstance(left, int) or (not isinstance(right, int) and random.random() < 0.5):
        return op, left, drop_operand(right, random)
    return op, drop_operand(left, random), right


def slip_equation(left, right, random: Random):
    """(line, (left, right)) of an equation that is not equivalent; None when the attempt kept the solution."""
    pair = equations.next_move(left, right)
    if pair is None:
        return None
    new_left, new_right = [list(s) for s in pair]
    kind = random.random()
    sides = [s for s in (new_left, new_right) if s]
    if not sides:
        return None
    # Changes belong to the terms that the move made, mostly.
    fresh = [(s, i) for s, old in ((new_left, left), (new_right, right)) for i, t in enumerate(s) if t not in old]
    pool = fresh if fresh and random.random() < 0.75 else [(s, i) for s in sides for i in range(len(s))]
    side, i = random.choice(pool)
    term = side[i]
    if kind < 0.5:
        size = wrong_number(abs(term[1]), random)
        if size == 0:
            return None
        if equations.show(new_left, new_right).startswith("x=") and term[0] == "x":
            return None
        side[i] = (term[0], size if term[1] > 0 else -size, *term[2:])
    elif kind < 0.8:
        side[i] = (term[0], -term[1], *term[2:])
    elif len(side) > 1:
        side.pop(i)
    else:  # moved without changing its sign
        lx, ln = equations.totals(left)
        rx, rn = equations.totals(right)
        if any(t[0] == "p" for t in left + right):
            return None
        if rx:
            new_left, new_right = equations.line(lx + rx, ln), equations.line(0, rn)
        elif ln:
            new_left, new_right = equations.line(lx, 0), equations.line(0, rn + ln)
    return equations.show(new_left, new_right), (new_left, new_right)
