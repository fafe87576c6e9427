"""Histories of a reviser's own chains: what follows them, and what is left out."""

import json
from random import Random

import numpy as np
import pytest

from training import vocab
from training.problems import MIXTURE, grade, sample
from training.corpus import Corpus, sequence
from training.revision_chains import (
    HISTORY,
    Sources,
    add_chains,
    answer_after,
    build_chain_corpus,
    build_judged_chains,
    chain_of,
    histories,
    read_chains,
    sampled_chains,
    solve,
    synthetic_chains,
)
from training.revision_data import RevisionWriter
from training.rollouts import Samples
from training.split import LABEL

PROMPT = "compute 7+8-1"
RIGHT = "7+8=15|15-1\n15-1=14|14"
WRONG, WORSE = "7+8=16|16-1\n16-1=15|15", "7+8=19|19-1\n19-1=18|18"


def chains_file(path, *chains, prompt=PROMPT):
    attempts = [
        {"chain": c, "attempt": a, "text": text, "finished": text != "7+8"} for c, chain in enumerate(chains) for a, text in enumerate(chain)
    ]
    path.write_text(json.dumps({"prompt": prompt, "attempts": attempts}) + "\n")
    return path


def sequences(writer):
    """[prompt, *history, answer] of every sequence, as texts."""
    corpus = writer.corpus.finish()
    for a, b in zip(corpus.starts, corpus.starts[1:]):
        ids = corpus.tokens[a:b]
        marks = [*np.flatnonzero(ids == vocab.ATTEMPT).tolist(), len(ids) - 1]
        yield [vocab.decode(ids[: marks[0]]), *(vocab.decode(ids[m + 1 : n]) for m, n in zip(marks, marks[1:]))]


@pytest.mark.parametrize("kind", list(MIXTURE))
def test_any_problem_can_be_solved(kind):
    random = Random(1)
    for _ in range(10):
        prompt = sample(*kind, LABEL, random).prompt
        assert grade(prompt, solve(prompt, random))


def test_every_history_of_a_chain_is_what_the_reviser_was_shown():
    chain = [(i, False) for i in range(6)]
    assert [[i for i, _ in shown] for shown in histories(chain)] == [[0], [0, 1], [0, 1, 2], [0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5]]
    assert max(map(len, histories(chain))) == HISTORY


def test_the_last_right_attempt_is_kept_and_otherwise_the_nearest_right_answer_follows():
    right, other, wrong = (np.frombuffer(t, np.uint8) for t in (b"abcd", b"axyz", b"abcx"))
    assert answer_after([(right, True), (other, True), (wrong, False)], [right]) is other
    assert answer_after([(wrong, False)], [other, right]) is right


def test_what_follows_a_history_is_right_and_cut_attempts_are_not_shown(tmp_path):
    file = chains_file(tmp_path / "c.jsonl", [WRONG, WRONG, "7+8", WORSE], [RIGHT, WRONG, WORSE], [RIGHT] * 5)
    writer = RevisionWriter(Random(2), 0)
    for entry in read_chains(file):
        add_chains(writer, *entry, per_chain=9)
    found = list(sequences(writer))
    assert {s[-1] for s in found} == {RIGHT}
    assert [WRONG, WRONG, WORSE] in [s[1:-1] for s in found]
    assert [RIGHT, WRONG] in [s[1:-1] for s in found]
    assert sum(set(s[1:-1]) == {RIGHT} for s in found) < 5 + 1
    assert {s[0] for s in found} == {f"{PROMPT}\n"}


def test_first_attempts_have_no_history(tmp_path):
    file = chains_file(tmp_path / "c.jsonl", [WRONG])
    build_chain_corpus(Sources([file], first=3000), tmp_path / "out.npz", 1, 3)
    corpus = Corpus.load(tmp_path / "out.npz")
    marks = [int((corpus.tokens[a:b] == vocab.ATTEMPT).sum()) for a, b in zip(corpus.starts, corpus.starts[1:])]
    assert marks[0] == 2 and set(marks[1:]) == {1} and len(marks) > 20


def test_a_failure_of_countdown_is_honest_now_and_then(tmp_path):
    prompt, miss, lie = "make 17: 4 6 7", "7-6=1|1 4\n4*1=4|4", "7-6=1|1 4\n4*1=17|17"
    writer = RevisionWriter(Random(5), 0)
    for i in range(40):
        for entry in read_chains(chains_file(tmp_path / f"{i}.jsonl", [lie, miss], prompt=prompt)):
            add_chains(writer, *entry, 2)
    answers = [s[-1] for s in sequences(writer)]
    honest = sum(a == miss for a in answers)
    assert lie not in answers and 2 < honest < 30
    assert all(grade(prompt, a.split("\n")) for a in answers if a != miss)


def test_the_orm_sees_a_chain_with_every_attempt_judged(tmp_path):
    file = chains_file(tmp_path / "c.jsonl", [WRONG, RIGHT, WORSE])
    build_judged_chains([file], tmp_path / "out.npz", per_chain=3, seed=1)
    corpus = Corpus.load(tmp_path / "out.npz")
    seen = []
    for a, b in zip(corpus.starts, corpus.starts[1:]):
        ids, labels = corpus.tokens[a:b], corpus.labels[a:b]
        marks = np.flatnonzero(ids == vocab.ATTEMPT).tolist()
        ends = [*marks[1:], len(ids) - 1]
        seen.append(tuple(bool(round(float(labels[end]))) for end in ends))
    assert sorted(seen, key=len) == [(False,), (False, True), (False, True, False)]


def test_made_chains_keep_right_attempts_oftener_than_wrong_ones():
    random, drawn = Random(3), iter(range(10**6))
    stays = {True: [], False: []}
    for _ in range(400):
        chain = chain_of(lambda: (next(drawn), random.random() < 0.5), random)
        assert len(chain) == HISTORY + 1
        for before, after in zip(chain, chain[1:]):
            stays[before[1]].append(before is after)
    assert np.mean(stays[True]) > np.mean(stays[False]) + 0.3


def test_chains_of_samples_are_of_one_problem_and_as_often_right_as_the_policy():
    texts = [("compute 7+8-1", RIGHT, 3), ("compute 7+8-1", WRONG, 1), ("compute 2+2", "2+2=5|5", 2)]
    drawn = [(p, t) for p, t, n in texts for _ in range(n)]
    rows = [sequence(p, t.split("\n"))[0] for p, t in drawn]
    samples = Samples(
        np.concatenate(rows), np.cumsum([0, *map(len, rows)]), np.array([0, 0, 0, 0, 1, 1]), np.array([grade(p, t.split("\n")) for p, t in drawn])
    )
    (first, chains), (second, others) = sampled_chains(samples, 300, Random(1))
    assert (first, second) == ("compute 7+8-1", "compute 2+2")
    assert {vocab.decode(s) for chain in chains for s, _ in chain} == {RIGHT, WRONG}
    assert {vocab.decode(s) for chain in others for s, _ in chain} == {"2+2=5|5"}
    assert 0.65 < np.mean([chain[0][1] for chain in chains]) < 0.85


def test_synthetic_chains_are_judged_truly():
    entries = synthetic_chains(Random(6))
    for prompt, (chain,) in (next(entries) for _ in range(60)):
        assert all(grade(prompt, vocab.decode(s).split("\n")) == right for s, right in chain)
