"""Countdown: legal play, exact reachability, problems made by playing backwards from random play."""

from functools import lru_cache
from random import Random

LARGE_NUMBERS = (*range(1, 21), 25, 50, 75, 100)
LIMIT = {"small": 200, "large": 999}
TARGETS = {"small": (10, 100), "large": (10, 999)}  # lowest and highest
State = tuple[int, ...]  # ascending
Move = tuple[int, str, int, int]  # left, operator, right, result


def moves(state: State, limit: int) -> list[tuple[Move, State]]:
    """All legal moves with results 1..limit; the larger operand stands first."""
    out, n = [], len(state)
    for i in range(n):
        if i and state[i] == state[i - 1] and i > 1 and state[i] == state[i - 2]:
            continue
        for j in range(i + 1, n):
            b, a = state[i], state[j]
            rest = state[:i] + state[i + 1 : j] + state[j + 1 :]
            if a + b <= limit:
                out.append(((a, "+", b, a + b), rest))
            if a * b <= limit:
                out.append(((a, "*", b, a * b), rest))
            if a > b:
                out.append(((a, "-", b, a - b), rest))
            if b and a % b == 0:
                out.append(((a, "/", b, a // b), rest))
    return [(m, tuple(sorted((*rest, m[3])))) for m, rest in out]


def random_move(state: State, limit: int, random: Random) -> tuple[Move, State] | None:
    """One legal move, operators about equally likely; None when five draws find none."""
    n = len(state)
    for _ in range(40):
        i = random.randrange(n)
        j = random.randrange(n - 1)
        j += j >= i
        a, b = state[i], state[j]
        if a < b:
            a, b = b, a
        op = random.choice("+-*/")
        c = a + b if op == "+" else a - b if op == "-" else a * b if op == "*" else (a // b if b and a % b == 0 else 0)
        if 1 <= c <= limit:
            rest = [x for k, x in enumerate(state) if k != i and k != j]
            return (a, op, b, c), tuple(sorted((*rest, c)))
    return None


@lru_cache(maxsize=400_000)
def reachable(state: State, target: int, limit: int) -> bool:
    """Whether the target can be reached using every number (exact within the limit)."""
    if len(state) == 1:
        return state[0] == target
    if len(state) == 2:
        b, a = state
        return a + b == target or a * b == target or a - b == target or b * target == a
    return any(reachable(rest, target, limit) for _, rest in moves(state, limit))


def write_move(move: Move, state: State) -> str:
    a, op, b, c = move
    return f"{a}{op}{b}={c}|{' '.join(map(str, state))}"


def prompt_of(target: int, numbers: list[int]) -> str:
    return f"make {target}: {' '.join(map(str, numbers))}"


def parse_prompt(prompt: str) -> tuple[int, State]:
    target, numbers = prompt[5:].split(": ")
    return int(target), tuple(sorted(map(int, numbers.split(" "))))


def range_of(prompt: str) -> str:
    target, state = parse_prompt(prompt)
    return "small" if state[-1] <= 13 and 10 <= target <= 100 else "large"


def random_play(state: State, limit: int, random: Random) -> list[tuple[Move, State]]:
    """Legal random play to one number; may stop short in a corner."""
    play = []
    while len(state) > 1:
        step = random_move(state, limit, random)
        if step is None:
            break
        play.append(step)
        state = step[1]
    return play


def sample(size: str, count: int, random: Random) -> tuple[str, list[str], list[tuple[Move, State]]]:
    """A solvable problem: prompt, steps of one solution and the play itself."""
    low, high = TARGETS[size]
    while True:
        if size == "small":
            numbers = [random.randint(1, 13) for _ in range(count)]
        else:
            numbers = [random.choice(LARGE_NUMBERS) for _ in range(count)]
        state = tuple(sorted(numbers))
        play = random_play(state, LIMIT[size], random)
        if len(play) < count - 1:
            continue
        target = play[-1][1][0]
        if not low <= target <= high:
            continue
        if size == "large" and target < 100 and random.random() < 0.5:
            continue
        if size == "large" and target <= 100 and state[-1] <= 13:
            continue
        return prompt_of(target, numbers), [write_move(*p) for p in play], play


def honest_failure(state: State, target: int, limit: int, random: Random) -> list[str]:
    """Legal play that (usually) ends elsewhere; the last move goes as near to the target as it can half the time."""
    steps = []
    while len(state) > 1:
        if len(state) == 2 and random.random() < 0.5:
            options = moves(state, limit)
            if not options:
                break
            move, state = min(options, key=lambda o: abs(o[1][0] - target))
        else:
            step = random_move(state, limit, random)
            if step is None:
                break
            move, state = step
        steps.append(write_move(move, state))
    return steps


def check_step(state: State, line: str) -> State | None:
    """The state after a legal, true step, or None."""
    try:
        left, rest_text = line.split("|")
        equation, result = left.split("=")
        op = next(o for o in "+-*/" if o in equation)
        a, b = map(int, equation.split(op))
        c, rest = int(result), [int(x) for x in rest_text.split(" ")]
    except (ValueError, StopIteration):
        return None
    remaining = list(state)
    for x in (a, b):
        if x not in remaining:
            return None
        remaining.remove(x)
    true = (op == "+" and a + b == c) or (op == "-" and a - b == c >= 0) or (op == "*" and a * b == c)
    true = true or (op == "/" and b != 0 and b * c == a)
    return tuple(rest) if true and sorted([*remaining, c]) == rest else None


def grade(prompt: str, steps: list[str]) -> bool:
    target, state = parse_prompt(prompt)
    for line in steps:
        state = check_step(state, line)
        if state is None:
            return False
    return state == (target,)
