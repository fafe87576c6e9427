"""Histories as a reviser meets them, each with a right answer.

A reviser that only ever saw wrong attempts doubts right ones, and one that learned from single samples meets along its
chains its own mistakes, repeated (the shift of distribution in section 6 of Snell et al. 2024). Here histories hold
right attempts as often as they come: chains that it wrote itself, as imitation learning does (DAgger, Ross et al. 2011),
or chains put together from the policy's samples. A right attempt of the history is kept; where there is none, a right
answer of the same problem follows, of another chain or of the solver, the nearest to the last attempt by edit distance.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np

from . import arithmetic, countdown, equations, vocab
from .corpus import CorpusWriter
from .problems import grade, sample_mixture
from .revision_data import (
    HISTORY,
    HONEST,
    RevisionWriter,
    attempt_labels,
    body,
    encoded,
    encoded_prompt,
    honest_failures,
    nearest_to,
    synthetic_attempts,
    with_history,
)
from .rollouts import Samples
from .split import TRAIN

UNIFORM = 0.6  # of the histories in which every attempt is the same right one: they are many and teach little
STAYS_RIGHT, STAYS_WRONG = 0.9, 0.4  # how often an attempt of a made chain repeats the one before
RIGHT = {"countdown": 0.35, "arithmetic": 0.85, "equation": 0.8}  # about the policy's pass@1


def solve(prompt: str, random: Random) -> list[str]:
    """A right solution of any problem that has one."""
    if prompt.startswith("compute "):
        return list(arithmetic.solve(arithmetic.parse(prompt[8:])))
    if prompt.startswith("solve "):
        return list(equations.solve(*equations.parse(prompt[6:])))
    target, state = countdown.parse_prompt(prompt)
    limit, steps = countdown.LIMIT[countdown.range_of(prompt)], []
    while len(state) > 1:
        ways = [(move, rest) for move, rest in countdown.moves(state, limit) if countdown.reachable(rest, target, limit)]
        move, rest = random.choice(ways)
        steps.append(countdown.write_move(move, rest))
        state = rest
    return steps


def read_chains(path: Path):
    """(prompt, chains) of every line that `cli chains --attempts` wrote; a chain is a list of (solution, right).
    Attempts that were cut are left out, as the program leaves them out of what a reviser is shown."""
    for line in open(path):
        entry = json.loads(line)
        chains: dict[int, list] = {}
        for attempt in sorted(entry["attempts"], key=lambda a: a["attempt"]):
            if attempt["finished"]:
                steps = attempt["text"].split("\n")
                chains.setdefault(attempt["chain"], []).append((encoded(steps), grade(entry["prompt"], steps)))
        yield entry["prompt"], list(chains.values())


def chain_of(draw, random: Random) -> list:
    """A chain as a fair reviser writes it, of what `draw()` gives, (solution, right): right attempts are mostly kept,
    wrong ones often repeated."""
    chain = [draw()]
    while len(chain) <= HISTORY:
        chain.append(chain[-1] if random.random() < (STAYS_RIGHT if chain[-1][1] else STAYS_WRONG) else draw())
    return chain


def sampled_chains(samples: Samples, per_problem: int, random: Random):
    """As `read_chains`, put together from the policy's samples of each problem."""
    order = np.argsort(samples.problem, kind="stable")
    for own in np.split(order, np.flatnonzero(np.diff(samples.problem[order])) + 1):
        prompt, _ = body(samples.sequence(int(own[0])))
        attempts = [(body(samples.sequence(int(i)))[1], bool(samples.correct[i])) for i in own]
        yield vocab.decode(prompt).strip(), [chain_of(lambda: random.choice(attempts), random) for _ in range(per_problem)]


def synthetic_chains(random: Random):
    """As `read_chains`, endless: fresh problems, right attempts as often as the policy writes them, else deliberate slips
    and failed play."""
    for problem, _, answer, wrong in synthetic_attempts(random):

        def draw():
            right = not wrong or random.random() < RIGHT[problem.family]
            return (answer, True) if right else (random.choice(wrong), False)

        yield problem.prompt, [chain_of(draw, random)]


def shown_before(chain: list, attempt: int) -> list:
    """What a reviser is shown before it writes attempt number `attempt` of a chain."""
    return chain[max(0, attempt - HISTORY) : attempt]


def histories(chain: list) -> list[list]:
    """What a reviser is shown before each further attempt, the next after the last one included."""
    return [shown_before(chain, attempt) for attempt in range(1, len(chain) + 1)]


def answer_after(history: list, right: list[np.ndarray]) -> np.ndarray:
    kept = [solution for solution, correct in history if correct]
    return kept[-1] if kept else nearest_to(history[-1][0], right)


def add_chains(writer: RevisionWriter, problem: str, chains: list, per_chain: int) -> None:
    """`per_chain` histories of each chain, at random."""
    random = writer.random
    prompt = encoded_prompt(problem)
    attempts = {solution.tobytes(): (solution, correct) for chain in chains for solution, correct in chain}
    right = [encoded(solve(problem, random)), *(s for s, correct in attempts.values() if correct)]
    honest = honest_failures(prompt, [s for s, correct in attempts.values() if not correct])
    for chain in chains:
        shown = histories(chain)
        for history in random.sample(shown, min(per_chain, len(shown))):
            known = any(correct for _, correct in history)
            uniform = known and len({solution.tobytes() for solution, _ in history}) == 1
            if uniform and random.random() > UNIFORM:
                continue
            fails = honest and not known and random.random() < HONEST
            answer = random.choice(honest) if fails else answer_after(history, right)
            writer.write(prompt, [solution for solution, _ in history], answer)


def add_first_attempts(writer: RevisionWriter, tokens: int) -> None:
    """Problems nobody tried, so that a first attempt stays as good as the policy's."""
    random, goal = writer.random, writer.corpus.size + tokens
    while writer.corpus.size < goal:
        problem = sample_mixture(TRAIN, random)
        prompt = encoded_prompt(problem.prompt)
        failure = writer.failure_of(problem)
        writer.write(prompt, [], encoded(problem.steps) if failure is None else failure)


def build_judged_chains(chains: list[Path], path: Path, per_chain: int, seed: int) -> None:
    """For the ORM: `per_chain` attempts of each chain behind the history the reviser saw, densely labelled."""
    random, writer = Random(seed), CorpusWriter()
    for problem, written in (entry for file in chains for entry in read_chains(file)):
        prompt = encoded_prompt(problem)
        for chain in written:
            for attempt in random.sample(range(len(chain)), min(per_chain, len(chain))):
                history = [solution for solution, _ in shown_before(chain, attempt)]
                tokens, _ = with_history(prompt, history, chain[attempt][0])
                writer.add(tokens, attempt_labels(tokens))
    writer.finish().save(path)


@dataclass(frozen=True)
class Sources:
    """What chain histories are made of; token counts of what is made without samples."""

    chains: list[Path] = field(default_factory=list)
    samples: Samples | None = None
    per_problem: int = 4  # chains put together from the samples of a problem
    synthetic: int = 0
    first: int = 0


def build_chain_corpus(sources: Sources, path: Path, per_chain: int, seed: int) -> None:
    random = Random(seed)
    writer = RevisionWriter(random, 0)
    for file in sources.chains:
        for entry in read_chains(file):
            add_chains(writer, *entry, per_chain)
    if sources.samples:
        for entry in sampled_chains(sources.samples, sources.per_problem, random):
            add_chains(writer, *entry, per_chain)
    print(f"{writer.corpus.size / 1e6:.1f} M tokens of chains", flush=True)
    goal = writer.corpus.size + sources.synthetic
    for entry in synthetic_chains(random):
        if writer.corpus.size >= goal:
            break
        add_chains(writer, *entry, per_chain)
    add_first_attempts(writer, sources.first)
    writer.corpus.finish().save(path)
