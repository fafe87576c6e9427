"""The policy's own solutions of label problems: kept on disk, and turned into verifier corpora.

A sampled solution is one rollout from each of its own prefixes, so its outcome is an unbiased soft label for every step.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

from .corpus import CorpusWriter
from .prm_data import add_labelled, exact_labels
from .problems import MIXTURE, grade, sample
from .sampler import Sampler, prompt_tokens, split_solution
from .split import LABEL


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
    def load(path: Path) -> "Samples":
        data = np.load(path)
        return Samples(data["tokens"], data["starts"], data["problem"], data["correct"])


def draw_samples(policy, path: Path, minutes: float, per_problem: int, seed: int, levels=None, temperature: float = 1.0) -> None:
    """Sample label problems for about `minutes`, saving after every round."""
    random, sampler = Random(seed), Sampler(policy, rows=192)
    kinds = levels or list(MIXTURE)
    weights = [MIXTURE[k] for k in kinds]
    sequences, problems, correct, count, start = [], [], [], 0, time.time()
    while time.time() - start < 60 * minutes:
        chosen = [sample(*random.choices(kinds, weights)[0], LABEL, random) for _ in range(1536 // per_problem)]
        prefixes = [prompt_tokens(p.prompt) for p in chosen for _ in range(per_problem)]
        for i, tokens in enumerate(sampler.generate(prefixes, random.getrandbits(60), temperature)):
            prompt, steps, finished = split_solution(tokens)
            if not finished:
                continue
            sequences.append(tokens)
            problems.append(count + i // per_problem)
            correct.append(grade(prompt, steps))
        count += len(chosen)
        Samples(
            np.concatenate(sequences), np.cumsum([0, *map(len, sequences)]), np.array(problems), np.array(correct)
        ).save(path)


def label_samples(samples: Samples, path: Path, kind: str) -> None:
    """Verifier corpus of samples: `outcome` (soft, Monte Carlo), `exact` (solver), or `both` averaged where the
    solver says 1 and at the prompt the mean outcome of the problem."""
    writer = CorpusWriter()
    problems, inverse = np.unique(samples.problem, return_inverse=True)
    rate = np.bincount(inverse, samples.correct) / np.bincount(inverse)
    for i in range(len(samples)):
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
