"""How well a PRM sees slips in the step where they happen."""

import numpy as np

from .evaluate import level_of
from .prm_data import exact_labels
from .problems import legal_steps


def family_of(prompt: str) -> str:
    return level_of(prompt).split(" ")[0]


def operator_of(step: str) -> str:
    """What a step computes; "?" where it names no operator, "" for an equation."""
    return next((o for o in "+-*/" if o in step.split("=")[0].lstrip("-")), "?") if "|" in step else ""


def slip_figures(groups: list[list], scores: list[list[np.ndarray]], rounds: int = 500, seed: int = 0) -> list[dict]:
    """By family and operator: AUC of the score at a step, steps from which a right end can be reached against untrue
    ones, all earlier steps being right. True steps into a dead end are neither: the value is rightly low there without a
    slip. The interval is a bootstrap over problems: a slip of which the policy is sure comes in most samples of its
    problem, so a few problems decide."""
    seen: dict[str, list] = {}
    for problem, (group, ss) in enumerate(zip(groups, scores)):
        for (_, prompt, steps, _), values in zip(group, ss):
            good = legal_steps(prompt, steps)
            for i, (step, label) in enumerate(zip(steps[: good + 1], exact_labels(prompt, steps))):
                if i < good and label != 1:
                    break
                kind = f"{family_of(prompt)} {operator_of(step)}".strip()
                seen.setdefault(kind, []).append((values[i], i < good, problem))
    random, rows = np.random.default_rng(seed), []
    for kind, steps in sorted(seen.items()):
        values, right, problem = map(np.array, zip(*steps))
        draws = [weighted_auc(values, right, _resampled(problem, len(groups), random)) for _ in range(rounds)]
        known = [d for d in draws if d == d]
        low, high = np.quantile(known, (0.025, 0.975)) if known else (float("nan"), float("nan"))
        rows.append(
            {"slips of": kind, "AUC": weighted_auc(values, right, np.ones(len(values)))}
            | {"95 %": f"{low:.3f}–{high:.3f}", "slips": int((~right).sum()), "problems": len(set(problem[~right]))}
        )
    return rows


def _resampled(problem: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """How often each step counts when whole problems are drawn with replacement."""
    return np.bincount(random.integers(count, size=count), minlength=count)[problem]


def weighted_auc(scores: np.ndarray, right: np.ndarray, weights: np.ndarray) -> float:
    """Chance that a right one outranks a wrong one, each counted `weights` times; ties count half; NaN without both."""
    _, place = np.unique(scores, return_inverse=True)
    good, bad = (np.bincount(place, weights * kind, place.max() + 1) for kind in (right, ~right))
    below = np.cumsum(bad) - bad / 2
    return float((good * below).sum() / (good.sum() * bad.sum())) if good.sum() and bad.sum() else float("nan")
