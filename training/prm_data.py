"""Verifier data without sampling: solutions with slips, partial and random play, every step labelled by a solver."""

from functools import lru_cache
from pathlib import Path
from random import Random

import numpy as np

from . import arithmetic, countdown, equations, vocab
from .corpus import CorpusWriter, sequence
from .dense import dense_labels, right_line
from .problems import MIXTURE, SUMS, Problem, sample
from .slips import slip_arithmetic, slip_countdown, slip_equation
from .split import TRAIN, split_of

SOLVER_NUMBERS = 4  # reachability is searched up to this many numbers; above it the label is left open


@lru_cache(maxsize=200_000)
def _value(text: str) -> int | None:
    try:
        return arithmetic.value(arithmetic.parse(text))
    except ValueError:
        return None


def exact_labels(prompt: str, steps: list[str]) -> list[float]:
    """1 when the solution can still end correctly after the step, 0 when not, NaN when the solver does not say."""
    if prompt.startswith("make "):
        return _countdown_labels(prompt, steps)
    if prompt.startswith("compute "):
        goal = _value(prompt[8:])
        return [float("|" in s and _value(s.split("|")[1]) == goal) for s in steps]
    root = equations.solution(prompt[6:])
    return [float(equations.solution(s) == root) for s in steps]


def _countdown_labels(prompt: str, steps: list[str]) -> list[float]:
    target, state = countdown.parse_prompt(prompt)
    limit, labels = countdown.LIMIT[countdown.range_of(prompt)], []
    for step in steps:
        state = countdown.check_step(state, step) if state else None
        if state is None:
            labels.append(0.0)
        elif len(state) <= SOLVER_NUMBERS:
            labels.append(float(countdown.reachable(state, target, limit)))
        else:
            labels.append(float("nan"))
    # What can still be reached later could be reached before.
    for i in range(len(labels) - 2, -1, -1):
        if labels[i] != labels[i] and labels[i + 1] == 1:
            labels[i] = 1.0
    return labels


def play_countdown(problem: Problem, random: Random) -> list[str]:
    """A prefix of a solution, then random or honest-failure play, perhaps with one slip."""
    target, state = countdown.parse_prompt(problem.prompt)
    limit = countdown.LIMIT[problem.level.split("-")[0]]
    count = len(problem.steps)
    keep = random.choice((0, count, random.randint(0, count), random.randint(0, count)))
    slip_at = random.randrange(count) if random.random() < 0.35 else -1
    steps = []
    for i in range(count):
        made = slip_countdown(state, target, limit, random) if i == slip_at else None
        if made is not None:
            keep = 0
            line, state = made
            steps.append(line)
        elif i < keep:
            steps.append(problem.steps[i])
            state = countdown.check_step(state, problem.steps[i])
        else:
            if len(state) < 2:
                break
            if len(state) == 2:
                tail = countdown.honest_failure(state, target, limit, random)
                return steps + tail
            step = countdown.random_move(state, limit, random)
            if step is None:
                break
            state = step[1]
            steps.append(countdown.write_move(*step))
    return steps


def play_arithmetic(problem: Problem, random: Random) -> list[str]:
    tree, steps = arithmetic.parse(problem.prompt[8:]), []
    count = int(problem.level)
    slips = set(random.sample(range(count), random.choice((1, 1, 1, 2)) if count > 1 else 1)) if random.random() < 0.62 else set()
    while not isinstance(tree, int) and len(steps) < 14:
        a = arithmetic.reduce_leftmost(tree)
        made = slip_arithmetic(tree, random) if len(steps) in slips or a[3] is None else None
        if made is None and a[3] is None:
            continue
        line, tree = made if made is not None else (arithmetic.write_step(*a), a[4])
        steps.append(line)
    return steps


def play_equation(problem: Problem, random: Random) -> list[str]:
    left, right = equations.parse(problem.prompt[6:])
    steps = []
    slip_at = random.randrange(len(problem.steps)) if random.random() < 0.6 else -1
    while len(steps) < 14:
        made = slip_equation(left, right, random) if len(steps) == slip_at else None
        if made is None:
            pair = equations.next_move(left, right)
            if pair is None or not _divides(left, right, pair):
                break
            made = equations.show(*pair), pair
        line, (left, right) = made
        steps.append(line)
        if line.startswith("x=") and line[2:].removeprefix("-").isdigit():
            break
    return steps


def _divides(left, right, pair) -> bool:
    (x, n), (_, c) = equations.totals(left), equations.totals(right)
    final = equations.show(*pair).startswith("x=") and n == 0 and equations.totals(right)[0] == 0
    return not final or x == 0 or c % x == 0


def retarget(problem: Problem, steps: list[str], random: Random) -> str:
    """The prompt of the same numbers with a target near the one asked for, or near what the last two numbers can make:
    what can be reached then hangs on arithmetic and not on how the play looks."""
    target, _ = countdown.parse_prompt(problem.prompt)
    low, high = countdown.TARGETS[problem.level.split("-")[0]]
    goals = [target]
    for step in steps:
        left = step.split("|")[1].split(" ")
        if len(left) == 2:
            b, a = map(int, left)
            goals += [a + b, a - b, a * b, a // b if b else a]
    for _ in range(20):
        near = random.choice(goals) + random.choice((0, 0, 1, -1, 1, -1, 2, -2, 3, -3, 5, -5, 10, -10, 20, -20))
        if low <= near <= high and near != target:
            prompt = problem.prompt.replace(f"make {target}:", f"make {near}:")
            if split_of(prompt) == TRAIN:
                return prompt
    return problem.prompt


PLAY = {"countdown": play_countdown, "arithmetic": play_arithmetic, "equation": play_equation}


def add_labelled(
    writer: CorpusWriter, prompt: str, steps: list[str], labels: list[float], value: float = float("nan"), finished: bool = True
) -> int:
    """Append a solution, labelled densely (dense.py); `value` is the label of the prompt line. Returns its tokens."""
    ids, ends = sequence(prompt, steps)
    if not finished:
        ids[-1] = vocab.NEWLINE
    targets = np.full(len(ids), np.nan, np.float16)
    targets[ends[0]] = value
    targets[ends[0] + 1 :] = dense_labels(prompt, steps, labels)
    writer.add(ids, targets)
    return len(ids)


def twins(prompt: str, steps: list[str], labels: list[float]) -> tuple[list[str], list[str]] | None:
    """The solution up to its first slip, and the same with the right step there: what follows a slip is wrong for free
    and teaches nothing. None without a slip."""
    if 0.0 not in labels:
        return None
    at = labels.index(0.0)
    right = right_line(prompt, steps[:at], steps[at])
    return None if right is None else (steps[: at + 1], [*steps[:at], right])


def build_prm_corpus(
    path: Path, tokens: int, seed: int, countdown_share: float = 0.5, cut: float = 0.6, short: float = 1, moved: float = 0, sums: float = 0
) -> None:
    """`countdown_share`: countdown's weight relative to the policy's mixture. Slips need more tokens than play at first;
    what can still be reached from two or three numbers is learned by many short games: `short` is the weight of three
    numbers against the mixture's. `moved`: share of the games whose target is moved. `cut`: share of the slips that come
    as twins. `sums`: weight of short sums (arithmetic.py), in the units of the mixture."""
    random, writer, kinds = Random(seed), CorpusWriter(), list(MIXTURE)
    weights, size = [*(_weight(kind, countdown_share, short) for kind in kinds), sums], 0
    while size < tokens:
        for family, level in random.choices([*kinds, ("arithmetic", SUMS)], weights, k=1000):
            problem = sample(family, level, TRAIN, random)
            steps = PLAY[family](problem, random)
            if not steps:
                continue
            prompt = retarget(problem, steps, random) if family == "countdown" and random.random() < moved else problem.prompt
            labels = exact_labels(prompt, steps)
            pair = twins(prompt, steps, labels) if family != "countdown" and random.random() < cut else None
            for part in pair or (steps,):
                ended = pair is None or len(part) == len(steps)
                size += add_labelled(writer, prompt, part, exact_labels(prompt, part), finished=ended)
    writer.finish().save(path)


def _weight(kind: tuple[str, str], countdown_share: float, short: float) -> float:
    family, level = kind
    return MIXTURE[kind] * (countdown_share if family == "countdown" else 1) * (short if level.endswith("-3") else 1)
