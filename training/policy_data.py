"""The policy's corpus: solved problems of every family, and honest failures of countdown."""

from pathlib import Path
from random import Random

from . import countdown
from .corpus import CorpusWriter, sequence, solution_loss
from .problems import MIXTURE, Problem, sample
from .split import TRAIN

FAILURES = 0.2  # share of countdown sequences that end honestly elsewhere


def fail_honestly(problem: Problem, random: Random) -> list[str]:
    """Legal play that leaves a solution after a random number of its steps and (usually) misses the target."""
    target, state = countdown.parse_prompt(problem.prompt)
    keep = random.randint(0, len(problem.steps) - 2) if random.random() < 0.5 else 0
    steps = list(problem.steps[:keep])
    for step in steps:
        state = countdown.check_step(state, step)
    limit = countdown.LIMIT[problem.level.split("-")[0]]
    return steps + countdown.honest_failure(state, target, limit, random)


def build_policy_corpus(path: Path, tokens: int, seed: int, boosts: dict[str, float] | None = None, failures: float = FAILURES) -> None:
    """About `tokens` tokens; loss on the solution only (label 1), none on the prompt (NaN). `boosts` multiply the
    mixture's share of a family ("arithmetic") or of a level ("countdown-small-4"); `failures` as `FAILURES`."""
    random, writer, kinds = Random(seed), CorpusWriter(), list(MIXTURE)
    boosts = boosts or {}
    weights = [w * boosts.get(family, 1) * boosts.get(f"{family}-{level}", 1) for (family, level), w in MIXTURE.items()]
    size = 0
    while size < tokens:
        for family, level in random.choices(kinds, weights, k=1000):
            problem = sample(family, level, TRAIN, random)
            steps = list(problem.steps)
            if family == "countdown" and random.random() < failures:
                steps = fail_honestly(problem, random)
                if len(steps) < len(problem.steps):
                    continue
            ids, ends = sequence(problem.prompt, steps)
            writer.add(ids, solution_loss(ids, ends))
            size += len(ids)
    writer.finish().save(path)
