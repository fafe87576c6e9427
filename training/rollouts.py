"""The policy's own solutions of label problems: kept on disk, and turned into verifier corpora.

A sampled solution is one rollout from each of its own prefixes, so its outcome is an unbiased soft label for every step.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

from .corpus import CorpusWriter, sequence, split_solution
from .prm_data import add_labelled, exact_labels
from .problems import MIXTURE, grade, sample
from .split import LABEL, key


@dataclass
class Samples:
    """Flat tokens of all sequences, their starts, the problem each belongs to, and whether it ended correctly."""

    tokens: np.ndarray
    starts: np.ndarray
    problem: np.ndarray
    correct: np.ndarray

    def __len__(self) -> int:
        return len(self.problem)

    def sequence(self, i: int) -> np.ndarray:
        return self.tokens[self.starts[i] : self.starts[i + 1]]

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, tokens=self.tokens, starts=self.starts, problem=self.problem, correct=self.correct)

    @staticmethod
    def load(*paths: Path) -> "Samples":
        """All of them, problems numbered on."""
        parts, tokens, problems = [np.load(path) for path in paths], 0, 0
        starts, numbers = [np.zeros(1, np.int64)], []
        for part in parts:
            starts.append(part["starts"][1:] + tokens)
            numbers.append(part["problem"] + problems)
            tokens, problems = starts[-1][-1], numbers[-1].max() + 1
        return Samples(
            np.concatenate([p["tokens"] for p in parts]), np.concatenate(starts),
            np.concatenate(numbers), np.concatenate([p["correct"] for p in parts]),
        )  # fmt: skip


def write_problems(path: Path, count: int, seed: int, split: str = LABEL, levels=None, evenly: bool = False) -> None:
    """A JSONL file of problems for `npm run -s cli -- generate --problems`, no problem twice; levels by their share of
    the mixture, or `evenly` one after the other."""
    random, kinds, seen = Random(seed), levels or list(MIXTURE), set()
    weights = [MIXTURE[k] for k in kinds]
    with open(path, "w") as file:
        while len(seen) < count:
            kind = kinds[len(seen) % len(kinds)] if evenly else random.choices(kinds, weights)[0]
            problem = sample(*kind, split, random)
            if key(problem.prompt) not in seen:
                seen.add(key(problem.prompt))
                file.write(json.dumps({"id": f"{problem.label}-{len(seen)}", "prompt": problem.prompt}) + "\n")


def read_samples(path: Path) -> Samples:
    """Finished solutions that `generate --problems` wrote. The project's engine samples several times quicker than
    PyTorch does here, since it reads only the live part of the KV cache."""
    sequences, problems, correct = [], [], []
    for i, line in enumerate(open(path)):
        entry = json.loads(line)
        for drawn in entry["samples"]:
            if drawn["finished"]:
                steps = drawn["text"].split("\n")
                sequences.append(sequence(entry["prompt"], steps)[0])
                problems.append(i)
                correct.append(grade(entry["prompt"], steps))
    return Samples(np.concatenate(sequences), np.cumsum([0, *map(len, sequences)]), np.array(problems), np.array(correct))


def label_samples(samples: Samples, path: Path, kind: str, distinct: bool = False) -> None:
    """Verifier corpus of samples: `outcome` (soft, Monte Carlo), `exact` (solver), or `both` averaged where the
    solver says 1 and at the prompt the mean outcome of the problem. `distinct`: a solution drawn often counts once,
    which makes wrong ones as common as right ones, but hides that common ones are likelier right."""
    writer = CorpusWriter()
    problems, inverse = np.unique(samples.problem, return_inverse=True)
    rate = np.bincount(inverse, samples.correct) / np.bincount(inverse)
    seen: set[tuple[int, bytes]] = set()
    for i in range(len(samples)):
        if distinct:
            drawn = (int(samples.problem[i]), samples.sequence(i).tobytes())
            if drawn in seen:
                continue
            seen.add(drawn)
        prompt, steps, _ = split_solution(samples.sequence(i))
        outcome = float(samples.correct[i])
        if kind == "outcome":
            labels = [outcome] * len(steps)
        else:
            labels = exact_labels(prompt, steps)
            if kind == "both":
                labels = [outcome if l != l else l * (0.5 + 0.5 * outcome) for l in labels]
        add_labelled(writer, prompt, steps, labels, float(rate[inverse[i]]))
    writer.finish().save(path)
