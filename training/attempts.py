"""Small policies side by side, from scratch on the same tokens: number formats, depth against width, tied embeddings,
schedule.

    python -m training --half attempts [NAME …] [--tokens 3e6]

One seed each, arithmetic and equations only for the number formats' sake; what is compared is the share of lines of
unseen validation problems that the model would write exactly right, character by character, after a right beginning.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch

from .corpus import Corpus, CorpusWriter, sequence, solution_loss
from .llama import Llama, Shape, parameters_of
from .problems import Problem, sample_mixture
from .slip_figures import operator_of
from .split import TRAIN, VALIDATION
from .train import Recipe, Trainer

FAMILIES = ("arithmetic", "equation")
NUMBER = re.compile(r"\d+")


def reversed_digits(text: str) -> str:
    return NUMBER.sub(lambda m: m[0][::-1], text)


def padded(text: str) -> str:
    return NUMBER.sub(lambda m: m[0].zfill(4), text)


class Untied(Llama):
    """With an output matrix of its own."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.unembed = torch.nn.Parameter(self.embed.weight.detach().clone())

    def head(self, hidden: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.linear(hidden, self.unembed)


@dataclass(frozen=True)
class Attempt:
    shape: Shape
    write: Callable[[str], str] = str
    decay: float = 1 / 3  # share of the tokens over which the rate falls
    model: type[Llama] = Llama


ATTEMPTS = {
    "plain": Attempt(Shape()),
    "digits reversed": Attempt(Shape(), reversed_digits),
    "padded to four digits": Attempt(Shape(), padded),
    "8 layers of 96": Attempt(Shape(dim=96, layers=8, heads=3, kv_heads=3, hidden=248)),
    "own output matrix": Attempt(Shape(), model=Untied),
    "rate falls from the start": Attempt(Shape(), decay=1),
    "rate falls at the end": Attempt(Shape(), decay=0.1),
    "2 layers of 176": Attempt(Shape(dim=176, layers=2, heads=4, kv_heads=4, hidden=504)),
}


def corpus_of(write: Callable[[str], str], tokens: int, seed: int) -> Corpus:
    """Loss on the solution only, like the policy's corpus."""
    random, writer = Random(seed), CorpusWriter()
    while writer.size < tokens:
        problem = sample_mixture(TRAIN, random, FAMILIES)
        ids, ends = sequence(write(problem.prompt), [write(step) for step in problem.steps])
        writer.add(ids, solution_loss(ids, ends))
    return writer.finish()


@torch.inference_mode()
def right_lines(model: Llama, write: Callable[[str], str], problems: list[Problem]) -> dict[str, float]:
    """Share of lines whose every character is the likeliest one, by what is computed in them."""
    hits: dict[str, list[bool]] = {}
    for problem in problems:
        ids, ends = sequence(write(problem.prompt), [write(step) for step in problem.steps])
        row = torch.from_numpy(ids.astype(np.int64))[None]
        good = (model(row)[0, :-1].argmax(-1) == row[0, 1:]).numpy()
        for a, b, step in zip(ends, ends[1:], problem.steps):
            hits.setdefault(operator_of(step) or "equation", []).append(bool(good[a:b].all()))
    return {kind: float(np.mean(hits[kind])) for kind in sorted(hits)}


def run_attempt(name: str, tokens: int, folder: Path, half: bool, seed: int = 91) -> dict:
    attempt, random = ATTEMPTS[name], Random(7)
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    model = attempt.model(attempt.shape)
    falling = int(tokens * attempt.decay)
    trainer = Trainer(folder, model, Recipe(tokens - falling, falling, seed=seed, half=half))
    trainer.run(corpus_of(attempt.write, tokens, seed))
    model.load_state_dict(trainer.average, strict=False)
    shares = right_lines(model, attempt.write, [sample_mixture(VALIDATION, random, FAMILIES) for _ in range(600)])
    return {"attempt": name, "parameters": f"{parameters_of(model) / 1e6:.2f} M", "tokens": f"{tokens / 1e6:g} M", **shares}
