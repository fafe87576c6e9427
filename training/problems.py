"""Problems of all families under one interface: sample, grade, label a step."""

from dataclasses import dataclass
from random import Random

from . import arithmetic, countdown, equations
from .split import split_of

# Share of training sequences per (family, level).
MIXTURE = {
    ("countdown", "small-3"): 5,
    ("countdown", "small-4"): 28,
    ("countdown", "small-5"): 12,
    ("countdown", "small-6"): 5,
    ("countdown", "large-3"): 6,
    ("countdown", "large-4"): 14,
    ("countdown", "large-5"): 5,
    ("countdown", "large-6"): 3,
    **{("arithmetic", str(n)): s for n, s in zip(range(1, 11), (6, 6, 6, 6, 5, 5, 4, 4, 3, 3))},
    **{("equation", str(n)): s for n, s in zip(range(1, 5), (8, 14, 12, 22))},
}


SUMS = "sums"  # a level of arithmetic outside the mixture


@dataclass(frozen=True)
class Problem:
    family: str
    level: str
    prompt: str
    answer: str | None
    steps: tuple[str, ...]  # one correct solution

    @property
    def label(self) -> str:
        return f"{self.family}-{self.level}"


def draw(family: str, level: str, random: Random) -> Problem:
    """A problem of any split, with one correct solution; short sums (SUMS) have the level of their operations."""
    if family == "countdown":
        size, count = level.split("-")
        prompt, steps, _ = countdown.sample(size, int(count), random)
        return Problem(family, level, prompt, None, tuple(steps))
    if family == "arithmetic":
        tree = arithmetic.sums(random) if level == SUMS else arithmetic.sample(int(level), random)
        operations, answer = str(arithmetic.operations(tree)), str(arithmetic.value(tree))
        return Problem(family, operations, f"compute {arithmetic.show(tree)}", answer, tuple(arithmetic.solve(tree)))
    left, right, root = equations.sample(int(level), random)
    return Problem(family, level, f"solve {equations.show(left, right)}", str(root), tuple(equations.solve(left, right)))


def sample(family: str, level: str, split: str, random: Random) -> Problem:
    while True:
        problem = draw(family, level, random)
        if split_of(problem.prompt) == split:
            return problem


def sample_mixture(split: str, random: Random, families: tuple[str, ...] = ("countdown", "arithmetic", "equation")) -> Problem:
    """A problem by the mixture's shares, of some families only."""
    kinds = [kind for kind in MIXTURE if kind[0] in families]
    return sample(*random.choices(kinds, [MIXTURE[kind] for kind in kinds])[0], split, random)


def grade(prompt: str, steps: list[str]) -> bool:
    """Exact truth of a finished solution."""
    if prompt.startswith("make "):
        return countdown.grade(prompt, steps)
    if prompt.startswith("compute "):
        answer = arithmetic.answer_of(steps)
        return answer is not None and int(answer) == arithmetic.value(arithmetic.parse(prompt[8:]))
    answer = equations.answer_of(steps)
    return answer is not None and int(answer) == equations.solution(prompt[6:])


def legal_steps(prompt: str, steps: list[str]) -> int:
    """How many leading steps are legal and true."""
    if prompt.startswith("make "):
        _, state = countdown.parse_prompt(prompt)
        for i, step in enumerate(steps):
            state = countdown.check_step(state, step)
            if state is None:
                return i
    elif prompt.startswith("compute "):
        tree = arithmetic.parse(prompt[8:])
        for i, step in enumerate(steps):
            tree = arithmetic.check_step(tree, step)
            if tree is None:
                return i
    else:
        root = equations.solution(prompt[6:])
        for i, step in enumerate(steps):
            if equations.solution(step) != root:
                return i
    return len(steps)


def answer_key(prompt: str, steps: list[str]) -> str | None:
    """Canonical answer for voting; for countdown the last number with its step texts (an approximation)."""
    if prompt.startswith("compute "):
        return arithmetic.answer_of(steps)
    if prompt.startswith("solve "):
        return equations.answer_of(steps)
    return "\n".join(sorted(s.split("|")[0] for s in steps)) if steps else None
