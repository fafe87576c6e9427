"""Linear equations in x: sides as lists of terms, canonical moves, generator, checker."""

from fractions import Fraction
from random import Random

# A term is ("n", v), ("x", k) or ("p", k, a, b) for k*(a*x+b); k and v carry the sign.
Side = list[tuple]


def _xterm(k: int) -> str:
    return "x" if k == 1 else f"{k}*x"


def show_side(side: Side) -> str:
    if not side:
        return "0"
    out = ""
    for term in side:
        sign = "-" if term[1] < 0 else "+" if out else ""
        size = abs(term[1])
        if term[0] == "n":
            body = str(size)
        elif term[0] == "x":
            body = _xterm(size)
        else:
            _, _, a, b = term
            body = f"{size}*({_xterm(a)}{'+' if b >= 0 else '-'}{abs(b)})"
        out += sign + body
    return out


def show(left: Side, right: Side) -> str:
    return show_side(left) + "=" + show_side(right)


def line(x: int, n: int) -> Side:
    """The collected side x-term + constant, zero parts left out."""
    return ([("x", x)] if x else []) + ([("n", n)] if n else [])


def collected(side: Side) -> Side | None:
    """One sum: the first two x terms, else the first two constants, become one; None when the side is collected.

    One addition a step, because a small model writes a sum of three terms wrong far more often than two sums."""
    if any(t[0] == "p" for t in side):
        return None
    new = list(side)
    for kind in "xn":
        places = [i for i, t in enumerate(side) if t[0] == kind]
        if len(places) > 1:
            first, second = places[:2]
            new[first] = (kind, side[first][1] + side[second][1])
            del new[second]
            break
    new = [t for t in new if t[1]]
    if sum(t[0] == "x" for t in new) < 2 and sum(t[0] == "n" for t in new) < 2:
        new.sort(key=lambda t: t[0] == "n")
    return None if new == side else new


def expand(side: Side) -> Side | None:
    for i, t in enumerate(side):
        if t[0] == "p":
            _, k, a, b = t
            return side[:i] + [("x", k * a), ("n", k * b)] + side[i + 1 :]
    return None


def next_move(left: Side, right: Side) -> tuple[Side, Side] | None:
    """The generator's next equation, None when solved."""
    for move in (expand, collected):
        if (new := move(left)) is not None:
            return new, right
        if (new := move(right)) is not None:
            return left, new
    lx, ln = _parts(left)
    rx, rn = _parts(right)
    if rx:
        return line(lx - rx, ln), line(0, rn)
    if ln:
        return line(lx, 0), line(0, rn - ln)
    if lx not in (0, 1):
        return line(1, 0), line(0, rn // lx)
    return None


def _parts(side: Side) -> tuple[int, int]:
    return sum(t[1] for t in side if t[0] == "x"), sum(t[1] for t in side if t[0] == "n")


def solve(left: Side, right: Side) -> list[str]:
    steps = []
    while (pair := next_move(left, right)) is not None:
        left, right = pair
        steps.append(show(left, right))
    return steps


def totals(side: Side) -> tuple[int, int]:
    """(coefficient of x, constant) of a side with everything expanded."""
    x = sum(t[1] * (t[2] if t[0] == "p" else 1) for t in side if t[0] != "n")
    n = sum(t[1] * (t[3] if t[0] == "p" else 1) for t in side if t[0] != "x")
    return x, n


def sample(level: int, random: Random) -> tuple[Side, Side, int]:
    """(left, right, solution)."""
    while True:
        root = random.randint(-20, 30)
        big = random.choice((10, 30, 99))
        most = random.choice((5, 9, 9, 12, 20))
        r = random.randint
        if level == 1:
            if random.random() < 0.55:
                left = [("x", 1), ("n", r(1, big) * random.choice((1, -1)))]
            else:
                left = [("x", random.choice((1, 1, 1, -1)) * r(2, most))]
            right: Side = []
        elif level == 2:
            left = [("x", random.choice((1, 1, 1, -1)) * r(2, most)), ("n", r(1, big) * random.choice((1, -1)))]
            right = []
        elif level == 3:
            left = [("x", r(2, most)), ("n", r(1, big) * random.choice((1, -1)))]
            right = [("x", r(1, min(most, 12)))]
        else:
            left, right = _terms(random, random.choice((1, 1, 2, 2, 3)), big), _terms(random, random.choice((0, 1, 1, 2)), big)
            if not any(t[0] == "p" for t in left + right):
                continue
        lx, ln = totals(left)
        rx, rn = totals(right)
        constant = lx * root + ln - rx * root - rn
        if lx == rx or abs(constant) > 999 or abs(lx * root) > 999:
            continue
        if constant or not right:
            right = right + [("n", constant)]
        if level == 3 and len(right) < 2:
            continue
        if level == 4 and random.random() < 0.3:
            left, right = right, left
        if right and right == [("n", 0)]:
            right = []
        if left and left[0][1] == 0:
            continue
        return left, right, root


def _terms(random: Random, count: int, big: int) -> Side:
    side: Side = []
    for i in range(count):
        sign = -1 if random.random() < (0.1 if i == 0 else 0.35) else 1
        kind = random.random()
        if kind < 0.55:
            b = random.randint(1, 12) * random.choice((1, -1))
            side.append(("p", sign * random.randint(2, 9), random.choice((1, 1, 1, 2, 3, 4, 5)), b))
        elif kind < 0.8:
            side.append(("x", sign * random.randint(1, 12)))
        else:
            side.append(("n", sign * random.randint(1, big)))
    return side


class _Reader:
    """Terms of one side; ValueError outside the grammar."""

    def __init__(self, text: str):
        self.text, self.position = text, 0

    def eat(self, token: str) -> bool:
        if self.text.startswith(token, self.position):
            self.position += len(token)
            return True
        return False

    def number(self) -> int | None:
        start = self.position
        while self.position < len(self.text) and self.text[self.position].isdigit():
            self.position += 1
        digits = self.text[start : self.position]
        if len(digits) > 1 and digits[0] == "0":
            raise ValueError("leading zero")
        return int(digits) if digits else None

    def sign(self, first: bool) -> int:
        if self.eat("-"):
            return -1
        if not first and not self.eat("+"):
            raise ValueError("operator expected")
        return 1

    def simple(self, sign: int) -> tuple:
        k = self.number()
        if k is None:
            if not self.eat("x"):
                raise ValueError("term expected")
            return "x", sign
        return ("x", sign * k) if self.eat("*x") else ("n", sign * k)

    def term(self, first: bool) -> tuple:
        sign, start = self.sign(first), self.position
        k = self.number()
        if k is None or not self.eat("*("):
            self.position = start
            return self.simple(sign)
        inner = [self.simple(1)]
        inner.append(self.simple(self.sign(False)))
        if not self.eat(")"):
            raise ValueError(") expected")
        return "p", sign * k, *totals(inner)

    def side(self) -> Side:
        terms = [self.term(True)]
        while self.position < len(self.text):
            terms.append(self.term(False))
        return terms


def parse(equation: str) -> tuple[Side, Side]:
    """(left, right) of an equation text; ValueError outside the grammar."""
    left, right = equation.split("=")
    return _Reader(left).side(), _Reader(right).side()


def solution(equation: str) -> Fraction | None:
    """The only solution, or None (no single solution, or not an equation)."""
    try:
        (lx, ln), (rx, rn) = map(totals, parse(equation))
    except ValueError:
        return None
    return None if lx == rx else Fraction(rn - ln, lx - rx)


def answer_of(steps: list[str]) -> str | None:
    """The final value as text, or None when unfinished."""
    if not steps or not steps[-1].startswith("x="):
        return None
    text = steps[-1][2:]
    return text if text.removeprefix("-").isdigit() else None
