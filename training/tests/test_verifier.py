"""The verifier's beginning: the policy inside is unchanged, the circuit sees what was not expected. Needs torch."""

from random import Random

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from training import vocab  # noqa: E402
from training.corpus import CorpusWriter, sequence  # noqa: E402
from training.dense import dense_labels  # noqa: E402
from training.llama import SHAPES, Llama, without_value_head  # noqa: E402
from training.prm_data import exact_labels  # noqa: E402
from training.problems import grade  # noqa: E402
from training.revision_data import RevisionWriter, add_synthetic, attempt_labels, edit_distances, with_history  # noqa: E402
from training.train import Recipe, Trainer, value_loss  # noqa: E402
from training.verifier_init import ANCHOR, CONSTANT, EXPECTED, LEAST, RECENT, SURPRISE, UNIT, begin, protect, widen  # noqa: E402

SOLUTION = ("compute 7*8-6/3", ["7*8=56|56-6/3", "6/3=2|56-2", "56-2=54|54"])


def ids_of(prompt, steps):
    return torch.from_numpy(sequence(prompt, steps)[0].astype(np.int64))[None]


def test_widening_keeps_the_policy():
    torch.manual_seed(1)
    policy = Llama(SHAPES["small"])
    wide = widen(policy, 2)
    ids = ids_of(*SOLUTION)
    with torch.no_grad():
        tapped = torch.nn.functional.linear(wide.tap_norm(wide.hidden_and_tap(ids)[1]), wide.embed.weight)
        assert torch.allclose(tapped, policy(ids), atol=1e-3)


def test_the_circuit_reads_how_expected_a_character_was():
    torch.manual_seed(2)
    policy = Llama(SHAPES["small"])
    wide, ids = widen(policy, 2), ids_of(*SOLUTION)
    begin(wide, ids)
    with torch.no_grad():
        x = wide.embed(ids)
        for block in wide.blocks[:5]:
            x = block(x, wide.cos[: ids.shape[1]], wide.sin[: ids.shape[1]])
        seen = x[0, :, wide.shape.dim - wide.shape.head_dim + SURPRISE]
        logits = policy(ids)[0, :-1].gather(1, ids[0, 1:, None])[:, 0]
    start = int((ids[0] == vocab.NEWLINE).nonzero()[0]) + 1
    steps = [i for i in range(start, ids.shape[1]) if ids[0, i] != vocab.NEWLINE]
    expected = logits[[i - 1 for i in steps]]
    assert torch.corrcoef(torch.stack([seen[steps], expected]))[0, 1] > 0.9


def test_protection_covers_the_policy():
    wide = widen(Llama(SHAPES["small"]), 2)
    protect(wide)
    masks = dict(wide.protected)
    assert not any(p.requires_grad for block in wide.blocks[:4] for p in block.parameters())
    assert not wide.embed.weight.requires_grad and all(p.requires_grad for p in masks)
    assert masks[wide.blocks[4].down.weight].sum() > 0


def test_dense_labels_mark_the_slip():
    steps = ["7*8=54|54-6/3", "6/3=2|54-2", "54-2=52|52"]
    labels = exact_labels(SOLUTION[0], steps)
    dense = dense_labels(SOLUTION[0], steps, labels)
    assert labels == [0, 0, 0] and dense[:5].tolist() == [1] * 5 and not dense[5:].any()


def test_edit_distances():
    encode = vocab.encode
    assert edit_distances(encode("kitten"), [encode("sitting"), encode("kitten"), encode("k")]).tolist() == [3, 0, 5]


def test_history_layout():
    prompt, a, b = (np.frombuffer(t, np.uint8) for t in (b"\x01\x30\x08", b"\x31", b"\x32"))
    tokens, start = with_history(prompt, [a], b)
    assert tokens.tolist() == [1, 0x30, 8, vocab.ATTEMPT, 0x31, vocab.ATTEMPT, 0x32, vocab.EOS] and start == 6


def test_every_attempt_is_labelled_anew():
    prompt = vocab.encode("compute 1+2*3\n")
    wrong, right = vocab.encode("2*3=7|1+7\n1+7=8|8"), vocab.encode("2*3=6|1+6\n1+6=7|7")
    tokens, start = with_history(np.concatenate([[vocab.BOS], prompt]), [wrong], right)
    labels = attempt_labels(tokens)
    mark = tokens.tolist().index(vocab.ATTEMPT)
    assert np.isnan(labels[: mark + 1]).all()
    assert labels[mark + 5] == 0 and labels[start - 1] == 0  # the slip, and the mark that ends the wrong attempt
    assert (labels[start:] == 1).all()


def attempts_in(tokens: np.ndarray) -> list[np.ndarray]:
    """Prompt and attempts of a sequence, without the marks and the final <eos>."""
    parts = np.split(tokens[:-1], np.flatnonzero(tokens[:-1] == vocab.ATTEMPT))
    return [parts[0], *(part[1:] for part in parts[1:])]


def test_a_right_attempt_is_left_as_it_is():
    writer = RevisionWriter(Random(3), kept=1.0)
    prompt, answer, wrong = (np.array(t, np.uint8) for t in ([1, 30, 8], [31], [32]))
    for _ in range(40):
        writer.add(prompt, answer, [wrong], wrong)
    corpus = writer.corpus.finish()
    shown, at_the_end = set(), 0
    for a, b in zip(corpus.starts, corpus.starts[1:]):
        *history, last = (p.tolist() for p in attempts_in(corpus.tokens[a:b])[1:])
        assert last == [31] and (not history or last in history)
        assert (corpus.labels[b - 2 : b] == 1).all()
        shown.add(len(history))
        at_the_end += not history or history[-1] == last
    assert shown == {0, 1, 2, 3, 4} and 30 <= at_the_end < 40


@pytest.mark.parametrize("unrelated", [0.0, 1.0])
def test_the_nearest_attempt_stands_last_unless_unrelated(unrelated):
    writer = RevisionWriter(Random(5), kept=0.0, unrelated=unrelated)
    prompt, answer, far, near = (np.array(t, np.uint8) for t in ([1, 30, 8], [31], [32], [33]))
    for _ in range(40):
        writer.add(prompt, answer, [far], near)
    corpus = writer.corpus.finish()
    histories = [attempts_in(corpus.tokens[a:b])[1:-1] for a, b in zip(corpus.starts, corpus.starts[1:])]
    assert {h[-1].item() for h in histories if h} == ({33} if unrelated == 0 else {32})


def test_revised_slips_are_wrong_before_and_right_after():
    writer = RevisionWriter(Random(4), kept=0.0)
    add_synthetic(writer, 20_000)
    corpus = writer.corpus.finish()
    right = 0
    for a, b in zip(corpus.starts, corpus.starts[1:]):
        prompt, *attempts = map(vocab.decode, attempts_in(corpus.tokens[a:b]))
        steps = [attempt.split("\n") for attempt in attempts]
        assert not any(grade(prompt.strip(), s) for s in steps[:-1])
        right += grade(prompt.strip(), steps[-1])
    assert right > 0.9 * len(corpus)


def test_steady_costs_the_spread_of_the_log_normaliser():
    torch.manual_seed(5)
    model = Llama(SHAPES["tiny"], value_head=True)
    ids = ids_of(*SOLUTION)
    labels = torch.full(ids.shape, float("nan"))
    labels[0, 12:] = 1.0
    given = (ids, (~labels.isnan()).float(), labels.nan_to_num(0))
    known = (~labels.isnan())[0, 1:]
    with torch.no_grad():
        stream = model.tap_norm(model.hidden_and_tap(ids)[1])
        normaliser = torch.nn.functional.linear(stream, model.embed.weight)[0, :-1].logsumexp(-1)[known]
        extra = value_loss(model, *given, 0.25, steady=2.0) - value_loss(model, *given, 0.25)
    assert extra.item() == pytest.approx(2 * normaliser.var(unbiased=False).item() * known.sum().item(), rel=1e-3)


def test_widening_a_verifier_keeps_the_language_model_inside():
    """Its norm is not the value's: with that one the circuit read logits that nobody had trained."""
    torch.manual_seed(6)
    base = Llama(SHAPES["small"], value_head=True)
    torch.nn.init.uniform_(base.norm.weight, 0.5, 1.5)
    torch.nn.init.uniform_(base.tap_norm.weight, 0.5, 1.5)
    wide, ids = widen(base, 2), ids_of(*SOLUTION)
    with torch.no_grad():
        tapped = torch.nn.functional.linear(wide.tap_norm(wide.hidden_and_tap(ids)[1]), wide.embed.weight)
        assert torch.allclose(tapped, without_value_head(base)(ids), atol=1e-3)


def test_a_sure_character_reads_alike_whatever_it_is():
    torch.manual_seed(7)
    policy = Llama(SHAPES["small"])
    text = ids_of(*SOLUTION)
    optimizer = torch.optim.Adam(policy.parameters(), 0.003)
    for _ in range(60):  # learn one solution by heart, so that all of it is sure
        loss = torch.nn.functional.cross_entropy(policy(text)[0, :-1], text[0, 1:])
        optimizer.zero_grad(), loss.backward(), optimizer.step()
    wide = widen(policy, 2)
    begin(wide, text)
    with torch.no_grad():
        x = wide.embed(text)
        for block in wide.blocks[: wide.tap + 1]:
            x = block(x, wide.cos[: text.shape[1]], wide.sin[: text.shape[1]])
        d = wide.shape.dim - wide.shape.head_dim
        seen = x[0, :, d + SURPRISE] / (x[0, :, d + CONSTANT] * UNIT)
    solution = (text[0] == vocab.NEWLINE).cumsum(0) > 0
    for token in set(text[0, solution].tolist()):
        assert seen[solution & (text[0] == token)].mean().item() == pytest.approx(EXPECTED, abs=0.1)


def test_a_surprise_long_ago_is_kept_by_one_head_and_left_by_the_other():
    torch.manual_seed(8)
    wide = widen(Llama(SHAPES["small"]), 2)
    begin(wide, ids_of(*SOLUTION))
    second, s = wide.blocks[5], wide.shape
    d = s.dim - s.head_dim
    stream = torch.zeros(1, 200, s.dim)
    size = wide.embed.weight[vocab.NEWLINE, d + CONSTANT].item()
    stream[..., d + CONSTANT] = size
    stream[..., d + SURPRISE] = size * UNIT * EXPECTED
    stream[0, 20, d + SURPRISE] = size * UNIT * (EXPECTED - 6)  # six nats of surprise
    # The anchor is what makes the constant read as one.
    stream[..., d + ANCHOR] = second.norm1.weight[d + CONSTANT].item() * size * s.dim**0.5
    with torch.no_grad():
        moved = second.attend(second.norm1(stream), wide.cos[:200], wide.sin[:200])[0] / size
    least, recent = moved[:, d + LEAST] / UNIT, moved[:, d + RECENT] / UNIT
    assert least[30] < EXPECTED - 5 and least[190] < EXPECTED - 5
    assert recent[30] < EXPECTED - 5 and recent[190] > EXPECTED - 0.5


def test_what_is_protected_stays_bit_for_bit(tmp_path):
    torch.manual_seed(9)
    wide = widen(Llama(SHAPES["small"]), 2)
    begin(wide, ids_of(*SOLUTION))
    protect(wide)
    before = [(p, mask, p.detach().clone()) for p, mask in wide.protected]
    trainer = Trainer(tmp_path, wide, Recipe(600, 0, batch_tokens=200, accumulate=1, warmup_steps=1, language=0), compiled=False)
    writer = CorpusWriter()
    for _ in range(8):
        ids, _ = sequence(*SOLUTION)
        writer.add(ids, np.ones(len(ids), np.float16))
    trainer.run(writer.finish())
    for p, mask, kept in before:
        assert torch.equal(p[mask == 0], kept[mask == 0]) and not torch.equal(p[mask == 1], kept[mask == 1])


def test_a_circuit_hands_over_no_language_model():
    """It ends before the last block: what is read there was never one."""
    with pytest.raises(ValueError, match="before its last block"):
        without_value_head(widen(Llama(SHAPES["small"]), 2))
