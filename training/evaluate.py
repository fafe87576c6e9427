"""Figures of the policy from solutions that our engine sampled: pass@k and honesty, by family and level."""

import json
from math import comb
from pathlib import Path

import numpy as np

from . import arithmetic, countdown, equations
from .problems import grade, legal_steps


def pass_at(n: int, c: int, k: int) -> float:
    """Unbiased pass@k from n samples with c correct."""
    return 1.0 if n - c < k else 1 - comb(n - c, k) / comb(n, k)


def policy_figures(path: Path) -> list[dict]:
    """One row per family and level of a file that `cli generate --problems` wrote from `problems --evenly`."""
    groups: dict[str, list] = {}
    for line in open(path):
        entry = json.loads(line)
        groups.setdefault(level_of(entry["prompt"]), []).append(entry)
    rows = []
    for level, entries in sorted(groups.items()):
        right = wrong = 0
        counts = []
        for entry in entries:
            correct = 0
            for drawn in entry["samples"]:
                steps = drawn["text"].split("\n")
                correct += drawn["finished"] and grade(entry["prompt"], steps)
                good = legal_steps(entry["prompt"], steps)
                # After right lines only: what follows a wrong line cannot be judged.
                right, wrong = right + good, wrong + (good < len(steps))
            counts.append((len(entry["samples"]), correct))
        row = {"level": level, "problems": len(entries), "samples": counts[0][0], "honest": right / (right + wrong)}
        row |= {f"pass@{k}": float(np.mean([pass_at(n, c, k) for n, c in counts])) for k in (1, 4, 16, 64) if k <= counts[0][0]}
        low, high = bootstrap_mean([c / n for n, c in counts])
        rows.append(row | {"pass@1 95 %": f"{low:.2f}–{high:.2f}"})
    return rows


def level_of(prompt: str) -> str:
    if prompt.startswith("make "):
        return f"countdown {countdown.range_of(prompt)}-{len(countdown.parse_prompt(prompt)[1])}"
    if prompt.startswith("compute "):
        return f"arithmetic {arithmetic.operations(arithmetic.parse(prompt[8:])):02}"
    left, right = equations.parse(prompt[6:])
    if any(t[0] == "p" for t in left + right) or len(left) > 2 or len(right) > 2:
        return "equation 4"
    if any(t[0] == "x" for t in right):
        return "equation 3"
    return "equation 2" if len(left) == 2 and abs(left[0][1]) != 1 else "equation 1"


def bootstrap_mean(values: list[float], rounds: int = 2000) -> tuple[float, float]:
    """95 % interval of the mean over problems."""
    random = np.random.default_rng(0)
    means = np.asarray(values)[random.integers(0, len(values), (rounds, len(values)))].mean(1)
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


def table(rows: list[dict]) -> str:
    """Markdown; nothing of no rows."""
    if not rows:
        return ""
    keys = list(rows[0])
    out = ["| " + " | ".join(keys) + " |", "|" + "---|" * len(keys)]
    for row in rows:
        out.append("| " + " | ".join(f"{v:.3f}" if isinstance(v, float) else str(v) for v in row.values()) + " |")
    return "\n".join(out)
