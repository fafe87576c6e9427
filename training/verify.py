"""Figures of a verifier on the policy's own samples: AUC within problems, calibration, selection."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
import torch

from . import vocab
from .corpus import sequence
from .evaluate import bootstrap_mean, level_of
from .prm_data import exact_labels
from .problems import answer_key, grade
from .revision_data import answers_after_histories, by_problem, with_history
from .rollouts import Samples
from .slip_figures import family_of, weighted_auc


def auc(scores: np.ndarray, labels: np.ndarray) -> float:
    """Chance that a positive outranks a negative; ties count half; NaN when one class is missing."""
    return weighted_auc(scores, labels == 1, np.ones(len(scores)))


def once_each(sequences: list[np.ndarray], read: Callable) -> list:
    """What `read` gives for each of them; it is handed a list in which every sequence stands once."""
    places: dict[bytes, int] = {}
    index = [places.setdefault(s.tobytes(), len(places)) for s in sequences]
    results = read([np.frombuffer(text, np.uint8) for text in places])
    return [results[i] for i in index]


@torch.inference_mode()
def read_padded(sequences: list[np.ndarray], read: Callable, rows: int = 64) -> list[np.ndarray]:
    """The row of `read(ids)` for each sequence, in batches of like length; what stands behind its end is left to the
    caller."""
    order, out = sorted(range(len(sequences)), key=lambda i: len(sequences[i])), [None] * len(sequences)
    for at in range(0, len(order), rows):
        part = order[at : at + rows]
        ids = torch.full((len(part), len(sequences[part[-1]])), vocab.PAD, dtype=torch.int64)
        for row, i in enumerate(part):
            ids[row, : len(sequences[i])] = torch.from_numpy(sequences[i].astype(np.int64))
        for i, values in zip(part, read(ids).numpy()):
            out[i] = values
    return out


def score_all(model, sequences: list[np.ndarray]) -> list[np.ndarray]:
    """Scores in 0..1 at the terminators of each sequence, the prompt's first; equal sequences are read once."""

    def scores(distinct: list[np.ndarray]) -> list[np.ndarray]:
        # In double precision: a value of nearly 1 keeps its odds (confidence.py).
        rows = read_padded(distinct, lambda ids: torch.sigmoid(model(ids).double()))
        return [row[: len(s)][(s == vocab.NEWLINE) | (s == vocab.EOS)] for s, row in zip(distinct, rows)]

    return once_each(sequences, scores)


def read_groups(path: Path) -> dict[str, list[list]]:
    """Per level a group for each problem: its finished samples as (tokens, prompt, steps, correct), from a file that
    `cli generate --problems` wrote."""
    levels: dict[str, list[list]] = {}
    for line in open(path):
        entry = json.loads(line)
        prompt, group = entry["prompt"], []
        for drawn in entry["samples"]:
            steps = drawn["text"].split("\n")
            if drawn["finished"]:
                group.append((sequence(prompt, steps)[0], prompt, steps, grade(prompt, steps)))
        levels.setdefault(level_of(prompt), []).append(group)
    return dict(sorted(levels.items()))


AGGREGATES = {
    "last": lambda s: s[-1],
    "min": lambda s: s.min(),
    "product": lambda s: s.prod(),
    "mean": lambda s: s.mean(),
}


def select(group, scores, n: int, random: Random, kind: str, aggregate) -> float:
    """Accuracy of one draw of n samples without replacement; scores exclude the prompt."""
    chosen = random.sample(range(len(group)), n)
    votes: dict = {}
    for i in chosen:
        tokens, prompt, steps, correct = group[i]
        key = answer_key(prompt, steps)
        if key is None:
            continue
        weight = 1.0 if kind == "majority" else aggregate(scores[i])
        total, right = votes.get(key, (0.0, correct))
        votes[key] = (max(total, weight) if kind == "best" else total + weight, right)
    return float(max(votes.values(), key=lambda v: v[0])[1]) if votes else 0.0


def score_groups(model, groups: list[list]) -> list[list[np.ndarray]]:
    """For each problem and sample the scores after each step."""
    return [[s[1:] for s in score_all(model, [g[0] for g in group])] for group in groups]


def verifier_figures(groups: list[list], scores: list[list[np.ndarray]], seed: int = 0) -> dict:
    """AUC within problems after the first step and at the last, by aggregation; accuracies of selection at 4, 16, 64."""
    row: dict = {"pass@1": float(np.mean([g[3] for group in groups for g in group]))}

    def within(read) -> float:
        values = [
            auc(np.array([read(s) for s in ss]), np.array([int(g[3]) for g in group])) for group, ss in zip(groups, scores)
        ]
        values = [v for v in values if v == v]
        return float(np.mean(values)) if values else float("nan")

    row["first"] = within(lambda s: s[0])
    row |= {name: within(f) for name, f in AGGREGATES.items()}
    labels = [[exact_labels(g[1], g[2]) for g in group] for group in groups]
    for step in (1, 2, 3):
        row[f"step {step}"] = _step_auc(scores, labels, step)
    random, rounds = Random(seed), 8
    for n in (4, 16, 64):
        if n > min(map(len, groups)):
            continue
        row[f"majority@{n}"] = np.mean([select(g, s, n, random, "majority", None) for g, s in zip(groups, scores) for _ in range(rounds)])
        for name in ("last", "product"):
            row[f"{name}@{n}"] = np.mean(
                [select(g, s, n, random, "weighted", AGGREGATES[name]) for g, s in zip(groups, scores) for _ in range(rounds)]
            )
    return row


def family_figures(groups: list[list], scores: list[list[np.ndarray]]) -> list[dict]:
    """By family: AUC within problems at the last step by aggregation, a mean over the problems that have right and wrong
    samples, each counted once; the interval (of "last") is a bootstrap over these problems."""
    families: dict[str, dict[str, list[float]]] = {}
    for group, ss in zip(groups, scores):
        right = np.array([int(g[3]) for g in group])
        if 0 < right.sum() < len(right):
            values = families.setdefault(family_of(group[0][1]), {name: [] for name in AGGREGATES})
            for name, read in AGGREGATES.items():
                values[name].append(auc(np.array([read(s) for s in ss]), right))
    rows = []
    for family, values in sorted(families.items()):
        low, high = bootstrap_mean(values["last"])
        means = {name: float(np.mean(v)) for name, v in values.items()}
        rows.append({"within problems": family, "problems": len(values["last"]), **means, "95 % of last": f"{low:.3f}–{high:.3f}"})
    return rows


def _step_auc(scores: list, labels: list, step: int) -> float:
    """AUC within problems of the score after a step against what a solver says of it, over distinct solutions' steps."""
    values = []
    for ss, ls in zip(scores, labels):
        pairs = [(s[step - 1], l[step - 1]) for s, l in zip(ss, ls) if len(l) >= step and l[step - 1] == l[step - 1]]
        if pairs:
            values.append(auc(np.array([s for s, _ in pairs]), np.array([int(l) for _, l in pairs])))
    values = [v for v in values if v == v]
    return float(np.mean(values)) if values else float("nan")


def orm_figures(model, samples: Samples, per_problem: int = 24, seed: int = 0) -> list[dict]:
    """By family: AUC **within problems** of the value at the final <eos>, answers after histories of 0 to 4 attempts."""
    random, families = Random(seed), {}
    for prompt, right, wrong in by_problem(samples):
        if not right or not wrong:
            continue
        drawn = list(answers_after_histories(right, wrong, per_problem, random))
        scores = score_all(model, [with_history(prompt, history, answer)[0] for history, answer, _ in drawn])
        value = auc(np.array([s[-1] for s in scores]), np.array([int(correct) for *_, correct in drawn]))
        families.setdefault(family_of(vocab.decode(prompt).strip()), []).append(value)
    rows = []
    for family, values in sorted(families.items()):
        known = [v for v in values if v == v]
        low, high = bootstrap_mean(known)
        rows.append({"family": family, "problems": len(known), "AUC": float(np.mean(known)), "95 %": f"{low:.2f}–{high:.2f}"})
    return rows


def calibration(groups: list[list], scores: list[list[np.ndarray]], name: str, bins: int = 10, most_steps: int = 6) -> dict:
    """Reliability per step: the predicted value against the share of samples that ended correctly and, where a solver
    knows it, against the share of steps from which a right end can still be reached. Values are cut into equal widths."""
    rows: dict[int, list] = {}
    for group, ss in zip(groups, scores):
        for (_, prompt, steps, correct), values in zip(group, ss):
            for i, (value, label) in enumerate(zip(values, exact_labels(prompt, steps))):
                rows.setdefault(min(i + 1, most_steps), []).append((float(value), float(correct), label))
    steps = []
    for step in sorted(rows):
        table, cells = np.array(rows[step]), []
        place = np.minimum((table[:, 0] * bins).astype(int), bins - 1)
        for b in range(bins):
            part = table[place == b]
            if len(part):
                known = part[part[:, 2] == part[:, 2]]
                cells.append(
                    {"low": b / bins, "high": (b + 1) / bins, "mean": round(float(part[:, 0].mean()), 4)}
                    | {"right": int(part[:, 1].sum()), "count": len(part)}
                    | {"reachable": int(known[:, 2].sum()), "known": len(known)}
                )
        steps.append({"step": step, "last": step == most_steps, "bins": cells})
    return {"model": name, "problems": len(groups), "samples": sum(map(len, groups)), "steps": steps}
