"""What a judging reviser learns of the attempts it reads, and what the others must not. Needs torch."""

from random import Random

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from training import vocab  # noqa: E402
from training.judge import judged_loss, judging, written_last  # noqa: E402
from training.llama import SHAPES, Llama, without_value_head  # noqa: E402
from training.problems import grade  # noqa: E402
from training.revision_data import RevisionWriter, add_synthetic, encoded, encoded_prompt  # noqa: E402
from training.train import policy_loss  # noqa: E402

PROMPT = "make 24: 4 6 7 8"
RIGHT, WRONG = ["8-7=1|1 4 6", "4*6=24|1 24", "1*24=24|24"], ["6*8=48|4 7 48", "4*48=192|7 192", "7*192=1344|1344"]


def corpus_of(history, answer, prompt=PROMPT):
    writer = RevisionWriter(Random(1), 0)
    writer.write(encoded_prompt(prompt), [encoded(h) for h in history], encoded(answer))
    return writer.corpus.finish()


def batch(corpus):
    labels = torch.from_numpy(corpus.labels.astype(np.float32))[None]
    return torch.from_numpy(corpus.tokens.astype(np.int64))[None], (~labels.isnan()).float(), labels.nan_to_num(0)


def test_a_mark_says_whether_the_attempt_before_it_is_right():
    corpus = corpus_of([WRONG, RIGHT, WRONG], RIGHT)
    marks = np.flatnonzero(corpus.tokens == vocab.ATTEMPT)
    assert np.isnan(corpus.labels[marks[0]])  # behind the prompt nothing is judged
    assert corpus.labels[marks[1:]].tolist() == [0, 1, 0]
    early = vocab.decode(corpus.tokens[: marks[2]]).rindex("1 24")
    assert np.isnan(corpus.labels[early + 1])  # of countdown only the last line


def test_labels_stay_with_their_attempts_when_the_oldest_are_dropped():
    long = ["6*8=48|4 7 48"] * 20
    corpus = corpus_of([long, long, RIGHT], RIGHT)
    marks = np.flatnonzero(corpus.tokens == vocab.ATTEMPT)
    assert len(marks) < 4 and corpus.labels[marks[-1]] == 1
    assert corpus_of([["6*8=48|4 7 48"] * 60], RIGHT).labels[-3:].tolist() == [1, 1, 1]  # no room for any attempt


def test_synthetic_marks_agree_with_the_checker():
    writer = RevisionWriter(Random(2), kept=0.5)
    add_synthetic(writer, 30_000)
    corpus = writer.corpus.finish()
    seen, agree = set(), []
    for a, b in zip(corpus.starts, corpus.starts[1:]):
        tokens, labels = corpus.tokens[a:b], corpus.labels[a:b]
        marks = np.flatnonzero(tokens == vocab.ATTEMPT)
        prompt = vocab.decode(tokens[: marks[0]]).strip()
        for left, right in zip(marks, marks[1:]):
            steps = vocab.decode(tokens[left + 1 : right]).split("\n")
            seen.add(grade(prompt, steps))
            agree.append(labels[right] == grade(prompt, steps))
    # Only an attempt that stops early can be right so far and yet no answer.
    assert seen == {True, False} and np.mean(agree) > 0.98


def test_only_the_answer_is_written():
    model, (ids, weights, labels) = Llama(SHAPES["tiny"]), batch(corpus_of([WRONG, RIGHT], RIGHT))
    start = int((ids[0] == vocab.ATTEMPT).nonzero()[-1]) + 1
    bare = weights.clone()
    bare[:, :start] = 0
    assert weights.sum() > bare.sum()
    assert torch.equal(policy_loss(model, ids, weights, labels), policy_loss(model, ids, bare, labels))
    plain = ids[:, : int((ids[0] == vocab.ATTEMPT).nonzero()[0])]
    assert (written_last(plain) == 1).all()  # a policy's sequence has no marks


def test_the_verdicts_teach_and_the_answer_still_counts():
    model, (ids, weights, labels) = judging(Llama(SHAPES["tiny"])), batch(corpus_of([WRONG, RIGHT], RIGHT))
    written = policy_loss(model, ids, weights, labels)
    assert torch.allclose(judged_loss(model, ids, weights, labels, 0), written)
    judged_loss(model, ids, weights, labels, 2).backward()
    assert model.judge.weight.grad.abs().sum() > 0
    assert model.last_value_loss == pytest.approx(np.log(2), abs=1e-4)  # an untaught head says one half


def test_a_verifier_hands_over_its_verdict_and_its_language():
    torch.manual_seed(3)
    verifier = Llama(SHAPES["tiny"], value_head=True)
    for weights in (verifier.score.weight, verifier.score.bias, verifier.norm.weight, verifier.tap_norm.weight):
        torch.nn.init.uniform_(weights, 0.5, 1.5)
    ids, *_ = batch(corpus_of([WRONG], RIGHT))
    model = judging(verifier)
    with torch.no_grad():
        assert torch.allclose(model.judge(model.hidden(ids))[..., 0], verifier(ids), atol=1e-5)
        assert torch.allclose(model(ids), without_value_head(verifier)(ids), atol=1e-5)
