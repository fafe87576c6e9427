"""The training loop shared by all models: warm-up, constant rate, linear decay; resumable from its checkpoint."""

import json
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from . import vocab
from .corpus import Corpus, batches
from .export import read_model
from .judge import JudgingReviser, judged_loss, written_last
from .llama import SHAPES, Llama, Shape
from .optimizer import Optimizers


@dataclass(frozen=True)
class Recipe:
    """`tokens` at constant rate, then `decay_tokens` falling to zero. Steps hold `accumulate` batches. `half` computes in
    bfloat16 on a copy of the float32 weights: about twice as fast on a CPU with AMX, slower on others."""

    tokens: int
    decay_tokens: int
    batch_tokens: int = 4096
    accumulate: int = 2
    muon_lr: float = 0.02
    adam_lr: float = 3e-3
    warmup_steps: int = 60
    ema: float = 0.995
    seed: int = 1
    checkpoint_minutes: float = 3.0
    half: bool = False
    language: float = 0.25  # weight of a verifier's language modelling, per character
    steady: float = 0.0  # weight of keeping the language model's log normaliser even where characters have labels
    judge: float = 0.0  # weight of a judging reviser's verdicts, per attempt


def policy_loss(model: Llama, ids: Tensor, weights: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of the next token where weights are 1, summed; of a reviser's sequence the answer only."""
    # The whole bucket goes through the blocks, so that compiled shapes are those of the verifiers.
    logits = model(ids)[:, :-1].flatten(0, 1).float()
    losses = F.cross_entropy(logits, ids[:, 1:].flatten(), reduction="none")
    return (losses * (weights * written_last(ids))[:, 1:].flatten()).sum()


def value_loss(model: Llama, ids: Tensor, weights: Tensor, labels: Tensor, language_share: float, steady: float = 0) -> Tensor:
    """Binary cross-entropy with soft labels, terminators in full and other characters lightly, plus a little language
    modelling of right characters, which keeps the policy's skills alive. `steady`: weight of the squared distance of the
    log normaliser from its mean, so that a logit by itself says how likely its character is (the surprise circuit reads
    no more than that; the z-loss of PaLM, Chowdhery et al. 2022, but for the mean). Summed."""
    hidden, tapped = model.hidden_and_tap(ids)
    ends = ((ids == vocab.NEWLINE) | (ids == vocab.EOS)).float()
    values = F.binary_cross_entropy_with_logits(model.head(hidden).float(), labels, reduction="none")
    right = (weights * (labels == 1))[:, 1:].flatten()
    logits = F.linear(model.tap_norm(tapped[:, :-1]), model.embed.weight).flatten(0, 1).float()
    language = F.cross_entropy(logits, ids[:, 1:].flatten(), reduction="none")
    if not model.tap_norm.weight.requires_grad:  # the policy's part does not learn
        language = language.detach() * 0
    model.last_value_loss = ((values * weights * ends).sum() / (weights * ends).sum()).item()
    loss = (values * weights * (DENSE + (1 - DENSE) * ends)).sum() + language_share * (language * right).sum()
    if steady:
        normaliser, known = logits.logsumexp(-1), weights[:, 1:].flatten()
        mean = ((normaliser * known).sum() / known.sum()).detach()
        loss = loss + steady * ((normaliser - mean) ** 2 * known).sum()
    return loss


def loss_of(model: Llama, recipe: Recipe):
    if isinstance(model, JudgingReviser):
        return partial(judged_loss, share=recipe.judge)
    return policy_loss if model.score is None else partial(value_loss, language_share=recipe.language, steady=recipe.steady)


DENSE = 0.25  # weight of the verifier's loss at characters that end no step


class Trainer:
    def __init__(self, folder: Path, model: Llama, recipe: Recipe, device: str = "cpu", compiled: bool = True):
        self.folder, self.recipe, self.device = folder, recipe, device
        self.model = model.to(device)
        self.worker = half_copy(self.model) if recipe.half else self.model
        self.optimizers = Optimizers(model, recipe.muon_lr, recipe.adam_lr)
        self.average = {n: p.detach().clone() for n, p in model.named_parameters()}
        self.protected = [(p, mask, p.detach().clone()) for p, mask in getattr(self.model, "protected", ())]
        self.step, self.seen = 0, 0
        self.loss = loss_of(model, recipe)
        if compiled:  # one block at a time: all blocks and both kinds of model share the compiled code
            torch._dynamo.config.cache_size_limit = 64
            for block in self.worker.blocks:
                block.compile(dynamic=False)

    @property
    def total(self) -> int:
        return self.recipe.tokens + self.recipe.decay_tokens

    def scale(self) -> float:
        warm = min(1.0, (self.step + 1) / self.recipe.warmup_steps)
        left = self.total - self.seen
        return warm * max(0.0, min(1.0, left / max(1, self.recipe.decay_tokens)))

    def run(self, corpus: Corpus) -> None:
        """Train until the recipe's tokens are seen; continues where the checkpoint stopped."""
        # A resumed run draws a new order: exact replay is not worth reading everything again.
        source = batches(corpus, self.recipe.batch_tokens, self.recipe.seed + 1000 * self.step)
        saved = shown = time.time()
        sums, since, ends = [0.0, 0.0], self.seen, []
        while self.seen < self.total:
            self.optimizers.set_scale(self.scale())
            packs = [next(source) for _ in range(self.recipe.accumulate)]
            norm = sum(self.counted(ids, labels) for ids, labels, _ in packs)
            for ids, labels, count in packs:
                ids, labels = torch.from_numpy(ids).to(self.device), torch.from_numpy(labels).to(self.device)
                weights = (~labels.isnan()).float()
                loss = self.loss(self.worker, ids, weights, labels.nan_to_num(0.0))
                (loss / norm).backward()
                sums[0] += loss.item()
                if self.loss is not policy_loss:
                    ends.append(self.worker.last_value_loss)
                self.seen += count
            sums[1] += norm
            if self.worker is not self.model:
                take_gradients(self.worker, self.model)
            for parameter, mask, _ in self.protected:
                if parameter.grad is not None:
                    parameter.grad.mul_(mask)
            self.optimizers.step()
            self.restore_protected()
            self.give_weights()
            self.step += 1
            self.update_average()
            if time.time() - shown > 20:
                rate = (self.seen - since) / (time.time() - shown)
                extra = {"value": round(sum(ends) / len(ends), 4)} if ends else {}
                self.log(loss=sums[0] / sums[1], rate=round(rate), **extra)
                shown, sums, since, ends = time.time(), [0.0, 0.0], self.seen, []
            if time.time() - saved > 60 * self.recipe.checkpoint_minutes:
                self.save()
                saved = time.time()
        self.save()

    def counted(self, ids, labels) -> float:
        """Positions that a batch's loss is a mean over: those with a label, of a reviser's sequence the answer's only."""
        known = torch.from_numpy(labels == labels).float()
        return float((known * written_last(torch.from_numpy(ids)) if self.loss is policy_loss else known).sum())

    @torch.no_grad()
    def restore_protected(self) -> None:
        """Weight decay knows no masks: what is protected stays bit for bit."""
        for parameter, mask, kept in self.protected:
            parameter.copy_(torch.where(mask.bool(), parameter, kept))

    @torch.no_grad()
    def give_weights(self) -> None:
        if self.worker is not self.model:
            for copy, p in zip(self.worker.parameters(), self.model.parameters()):
                copy.copy_(p)

    @torch.no_grad()
    def update_average(self) -> None:
        # Following closely at the end of the decay keeps the final average equal to the final weights.
        keep = min(self.recipe.ema, 1 - 1 / (self.step + 1)) * min(1.0, self.scale() * 4)
        for name, p in self.model.named_parameters():
            self.average[name].lerp_(p, 1 - keep)

    def log(self, **figures) -> None:
        entry = {"step": self.step, "tokens": self.seen, "scale": round(self.scale(), 3), **figures}
        with open(self.folder / "log.jsonl", "a") as file:
            file.write(json.dumps(entry) + "\n")

    def save(self) -> None:
        state = {
            "shape": self.model.shape.to_dict(),
            "value_head": self.model.score is not None,
            "tap": self.model.tap,
            "model": self.model.state_dict(),
            "average": self.average,
            "optimizers": self.optimizers.state_dict(),
            "step": self.step,
            "seen": self.seen,
        }
        part = self.folder / "checkpoint.part"
        torch.save(state, part)
        part.replace(self.folder / "checkpoint.pt")

    def resume(self, path: Path) -> None:
        state = torch.load(path, map_location=self.device)
        self.model.load_state_dict(state["model"])
        self.average = state["average"]
        self.optimizers.load_state_dict(state["optimizers"])
        self.step, self.seen = state["step"], state["seen"]
        self.give_weights()


def half_copy(model: Llama) -> Llama:
    """The same weights in bfloat16; rotary tables stay in float32."""
    copy = type(model)(model.shape, model.score is not None, model.tap)
    copy.load_state_dict(model.state_dict())
    for p, original in zip(copy.parameters(), model.parameters()):
        p.data = p.data.to(torch.bfloat16)
        p.requires_grad_(original.requires_grad)
    return copy.to(next(model.parameters()).device)


def take_gradients(worker: Llama, model: Llama) -> None:
    """Move accumulated gradients to the float32 weights."""
    for copy, p in zip(worker.parameters(), model.parameters()):
        p.grad = None if copy.grad is None else copy.grad.float()
        copy.grad = None


def load_average(path: Path) -> Llama:
    """The averaged weights of a checkpoint, without a judge's head; of the exported model beside it where there is no
    checkpoint."""
    if not path.exists():
        return read_model(path.parent)
    state = torch.load(path, map_location="cpu")
    model = Llama(Shape(**state["shape"]), state["value_head"], state["tap"])
    model.load_state_dict(state["average"], strict=False)
    return model


def average_runs(runs: list[Path], out: Path) -> None:
    """A run whose averaged weights are the mean of those of `runs`, stages of one training."""
    states = [torch.load(run / "checkpoint.pt", map_location="cpu") for run in runs]
    state = states[0]
    state["average"] = {name: sum(s["average"][name] for s in states) / len(states) for name in state["average"]}
    out.mkdir(parents=True, exist_ok=True)
    torch.save(state, out / "checkpoint.pt")


__all__ = ["Recipe", "Trainer", "average_runs", "load_average", "Llama", "SHAPES"]
