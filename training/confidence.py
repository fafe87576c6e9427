"""A PRM's value and the policy's own log-probabilities as one score.

A slip is mostly a character that the policy itself hardly expected: its least log-probability in a step tells right from
wrong arithmetic steps with an AUC of .986 to .997 (600 validation problems), for nothing, since the policy has said it while
it sampled. Only what a step has already determined counts, behind the `=` of countdown and arithmetic and all of an equation; which move to make is a
choice. `src/verify/confidence.ts` applies the same in the app.
"""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from . import vocab
from .prm_data import exact_labels
from .slip_figures import family_of
from .verify import once_each, read_padded

EQUALS, BAR = (int(vocab.encode(c)[0]) for c in "=|")
FILE = "confidence.json"
NAMES = ("scale", "step", "solution", "bias")
LOWEST = 1e-15  # of a value before it becomes a logit


def log_probabilities(logits: Callable, sequences: list[np.ndarray]) -> list[np.ndarray]:
    """Of each token but the first, at temperature 1; `logits(ids)` is the policy."""

    def said(ids):
        return logits(ids)[:, :-1].log_softmax(-1).gather(2, ids[:, 1:, None])[..., 0]

    return [row[: len(s) - 1] for s, row in zip(sequences, read_padded(sequences, said))]


def least_determined(tokens: np.ndarray, said: np.ndarray) -> np.ndarray:
    """[steps, 2]: the least log-probability of a determined token in the step, and up to it. `said` as above."""
    ends = np.flatnonzero((tokens == vocab.NEWLINE) | (tokens == vocab.EOS))
    steps = []
    for before, end in zip(ends[:-1], ends[1:]):
        line = tokens[before + 1 : end]
        start = int(np.flatnonzero(line == EQUALS)[0]) + 1 if BAR in line and EQUALS in line else 0
        steps.append(said[before + start : end].min())
    own = np.minimum(np.array(steps), 0)
    return np.stack([own, np.minimum.accumulate(own)], 1)


def features(values: np.ndarray, least: np.ndarray) -> np.ndarray:
    """[steps, 3] from a PRM's values after each step, in 0..1."""
    clipped = np.clip(values.astype(np.float64), LOWEST, 1 - LOWEST)
    return np.column_stack([np.log(clipped / (1 - clipped)), least])


def with_confidence(values: np.ndarray, least: np.ndarray, weights: dict) -> np.ndarray:
    """The score after each step."""
    z = features(values, least) @ np.array([weights[n] for n in NAMES[:3]]) + weights["bias"]
    return 1 / (1 + np.exp(-z))


def least_of_groups(policy, groups: list[list]) -> list[list[np.ndarray]]:
    """`least_determined` of every sample of every problem; equal samples are read once."""

    def read(texts: list[np.ndarray]) -> list[np.ndarray]:
        return [least_determined(t, said) for t, said in zip(texts, log_probabilities(policy, texts))]

    least = iter(once_each([g[0] for group in groups for g in group], read))
    return [[next(least) for _ in group] for group in groups]


def fit_weights(groups: list[list], scores: list[list[np.ndarray]], least: list[list[np.ndarray]]) -> dict:
    """Logistic regression of a solver's labels of every step, families counted alike, no weight below 0."""
    rows, labels, families = [], [], []
    for group, ss, ls in zip(groups, scores, least):
        for (_, prompt, steps, _), values, low in zip(group, ss, ls):
            known = np.array(exact_labels(prompt, steps))
            mask = known == known
            rows.append(features(values, low)[mask])
            labels.append(known[mask])
            families += [family_of(prompt)] * int(mask.sum())
    x, y = (torch.from_numpy(np.concatenate(a)).double() for a in (rows, labels))
    _, family = np.unique(families, return_inverse=True)
    share = torch.from_numpy(1 / np.bincount(family)[family] / (family.max() + 1))
    raw = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    search = torch.optim.LBFGS([raw], max_iter=500, line_search_fn="strong_wolfe")

    def loss():
        search.zero_grad()
        z = x @ F.softplus(raw[:3]) + raw[3]
        value = (share * F.binary_cross_entropy_with_logits(z, y, reduction="none")).sum()
        value.backward()
        return value

    search.step(loss)
    fitted = [*F.softplus(raw[:3]).tolist(), float(raw[3])]
    return {name: round(value, 4) for name, value in zip(NAMES, fitted)}


def write_weights(run: Path, weights: dict, policy: str) -> None:
    (run / FILE).write_text(json.dumps({**weights, "policy": policy}) + "\n")


def read_weights(run: Path) -> tuple[dict, str] | None:
    """The weights of a run for which `confidence` was called, and the run of the policy they were fitted to; of a folder of
    published weights those of its `config.json`."""
    if (run / FILE).exists():
        weights = json.loads((run / FILE).read_text())
        return weights, weights.pop("policy")
    config = run / "config.json"
    weights = json.loads(config.read_text()).get("policy_confidence") if config.exists() else None
    return (weights, "policy") if weights else None
