"""Slips seen by a verifier: which steps count, and the interval over problems. Needs torch."""

import numpy as np
import pytest

pytest.importorskip("torch")

from training.slip_figures import slip_figures, weighted_auc  # noqa: E402
from training.verify import auc, family_figures  # noqa: E402

SUM, SLIP = ["7+8=15|15-1", "15-1=14|14"], ["7+8=16|16-1", "16-1=15|15"]
LATE = ["7+8=15|15-1", "15-1=13|13"]


def group(*solutions, prompt="compute 7+8-1"):
    return [(None, prompt, steps, False) for steps in solutions]


def test_weights_count_as_repetitions():
    random = np.random.default_rng(1)
    scores, right, weights = random.integers(5, size=40) / 5, random.random(40) < 0.5, random.integers(4, size=40)
    repeated = auc(np.repeat(scores, weights), np.repeat(right, weights).astype(int))
    assert weighted_auc(scores, right, weights) == pytest.approx(repeated)
    assert np.isnan(weighted_auc(scores, np.ones(40, bool), weights))


def test_only_the_first_slip_of_a_solution_counts():
    scores = [[np.array([0.9, 0.8]), np.array([0.2, 0.99]), np.array([0.9, 0.95])]]
    rows = {r["slips of"]: r for r in slip_figures([group(SUM, SLIP, LATE)], scores)}
    # 16-1=15 follows a slip and is neither; 15-1=13 scores above 15-1=14.
    assert rows["arithmetic +"]["slips"] == 1 and rows["arithmetic +"]["AUC"] == 1
    assert rows["arithmetic -"]["slips"] == 1 and rows["arithmetic -"]["AUC"] == 0


def test_the_interval_is_over_problems_and_not_over_samples():
    good, bad = group(*[SUM] * 8, SLIP), group(SUM, *[SLIP] * 30)
    seen = [[np.array([0.9, 0.9])] * 8 + [np.array([0.1, 0.1])], [np.array([0.8, 0.8])] + [np.array([0.95, 0.1])] * 30]
    row = next(r for r in slip_figures([good, bad], seen) if r["slips of"] == "arithmetic +")
    low, high = map(float, row["95 %"].split("–"))
    assert row["problems"] == 2 and row["slips"] == 31
    assert low < 0.1 and high == 1  # either problem alone says something else


def test_only_problems_with_right_and_wrong_samples_count_each_once():
    mixed = [(None, "compute 7+8-1", SUM, True), (None, "compute 7+8-1", SLIP, False)] * 3
    sure = [(None, "compute 7+8-1", SUM, True)] * 50
    high, low = np.array([0.2, 0.9]), np.array([0.9, 0.1])
    rows = family_figures([mixed, mixed, sure], [[high, low] * 3, [low, high] * 3, [high] * 50])
    assert [(r["within problems"], r["problems"], r["last"], r["min"]) for r in rows] == [("arithmetic", 2, 0.5, 0.5)]
