"""A PRM's value and the policy's log-probabilities as one score. Needs torch."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from training.confidence import (  # noqa: E402
    NAMES,
    fit_weights,
    least_determined,
    least_of_groups,
    log_probabilities,
    read_weights,
    with_confidence,
    write_weights,
)
from training.corpus import sequence  # noqa: E402
from training.export import hf_config  # noqa: E402
from training.llama import SHAPES, Llama  # noqa: E402

WEIGHTS = {"scale": 0.8, "step": 1.0, "solution": 0.9, "bias": -0.1}


def said_of(tokens, **least):
    """Sure everywhere but at the characters named by their place in the sequence."""
    said = np.full(len(tokens) - 1, -0.001)
    for place, value in least.items():
        said[int(place[1:]) - 1] = value
    return said


def test_only_what_is_determined_counts():
    tokens = sequence("make 24: 4 6 8", ["8-6=2|2 4", "2+4=6|6"])[0]
    start = len("<make 24: 4 6 8\n")
    # The 8 that is chosen, the 2 that follows from it, and the sum.
    said = said_of(tokens, **{f"p{start}": -9.0, f"p{start + 4}": -2.0, f"p{start + 14}": -0.5})
    assert least_determined(tokens, said).tolist() == [[-2.0, -2.0], [-0.5, -2.0]]
    tokens = sequence("solve x+1=3", ["x=2"])[0]
    start = len("<solve x+1=3\n")
    for place in range(start, start + 4):  # the terminator, too
        assert least_determined(tokens, said_of(tokens, **{f"p{place}": -4.0})).tolist() == [[-4.0, -4.0]]


def test_the_score_is_the_one_of_the_app():
    """The same figures as in src/verify/confidence.test.ts."""
    scores = with_confidence(np.array([0.9, 0.6]), np.array([[-2.0, -2.0], [-0.5, -2.0]]), WEIGHTS)
    assert scores == pytest.approx([0.10506, 0.111488], abs=1e-6)


def test_log_probabilities_are_those_of_each_sequence_by_itself():
    torch.manual_seed(3)
    policy = Llama(SHAPES["tiny"])
    texts = [sequence(p, s)[0] for p, s in (("compute 7+8", ["7+8=15|15"]), ("solve x+1=3", ["x=2"]), ("make 9: 1 8", ["1+8=9|9"]))]
    for tokens, said in zip(texts, log_probabilities(policy, texts)):
        ids = torch.from_numpy(tokens.astype(np.int64))[None]
        alone = policy(ids).log_softmax(-1)[0, range(len(tokens) - 1), ids[0, 1:]].detach().numpy()
        assert said == pytest.approx(alone, abs=1e-5)
    group = [(t, "", [], False) for t in (texts[0], texts[1], texts[0])]
    once, other, again = least_of_groups(policy, [group])[0]
    assert once.tolist() == again.tolist() != other.tolist()


def test_fitting_finds_the_weights_labels_were_drawn_with():
    """Two steps each, so that the least of the step and of the solution differ."""
    random, groups, scores, least = np.random.default_rng(1), [], [], []
    sums = {True: ["7+8=15|15+1", "15+1=16|16"], False: ["7+8=16|16+1", "16+1=18|18"]}
    for _ in range(12_000):
        values, own = random.uniform(0.05, 0.95, 2), -random.exponential(2, 2)
        low = np.stack([own, np.minimum.accumulate(own)], 1)
        right = random.random(2) < with_confidence(values, low, WEIGHTS)
        groups.append([(None, "compute 7+8+1", [sums[bool(r)][i] for i, r in enumerate(right)], False)])
        scores.append([values])
        least.append([low])
    fitted = fit_weights(groups, scores, least)
    for name in NAMES:
        assert fitted[name] == pytest.approx(WEIGHTS[name], abs=0.12), name


def test_no_weight_falls_below_zero():
    """Labels that go against the values: a verifier is not turned round."""
    groups = [[(None, "compute 7+8", ["7+8=16|16"], False)], [(None, "compute 7+8", ["7+8=15|15"], True)]] * 40
    scores, least = [[np.array([0.9])], [np.array([0.1])]] * 40, [[np.zeros((1, 2))], [np.full((1, 2), -3.0)]] * 40
    fitted = fit_weights(groups, scores, least)
    assert all(0 <= fitted[name] < 0.05 for name in NAMES[:3])


def test_weights_are_found_again(tmp_path):
    assert read_weights(tmp_path) is None
    write_weights(tmp_path, WEIGHTS, "policy-v4")
    assert read_weights(tmp_path) == (WEIGHTS, "policy-v4")
    published = tmp_path / "published"
    published.mkdir()
    (published / "config.json").write_text(json.dumps({"policy_confidence": WEIGHTS}))
    assert read_weights(published) == (WEIGHTS, "policy")


def test_the_weights_are_exported_with_the_model():
    model = Llama(SHAPES["tiny"], True)
    assert hf_config(model, 8, WEIGHTS)["policy_confidence"] == WEIGHTS
    assert "policy_confidence" not in hf_config(model, 8)
