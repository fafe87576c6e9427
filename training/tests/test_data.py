"""Generators, checkers, labels and the split. No torch."""

import hashlib
import json
import re
from pathlib import Path
from random import Random

import pytest

from training import arithmetic, countdown, equations, vocab
from training.corpus import Corpus
from training.policy_data import build_policy_corpus, fail_honestly
from training.prm_data import PLAY, build_prm_corpus, exact_labels, retarget, twins
from training.problems import MIXTURE, SUMS, grade, legal_steps, sample
from training.split import LABEL, TEST, TRAIN, VALIDATION, key, split_of

PROBLEMS = Path(__file__).resolve().parents[2] / "public/problems"


@pytest.mark.parametrize("kind", MIXTURE, ids="-".join)
def test_generated_solutions_are_right(kind):
    random = Random(5)
    for _ in range(60):
        problem = sample(*kind, TRAIN, random)
        steps = list(problem.steps)
        assert grade(problem.prompt, steps) and legal_steps(problem.prompt, steps) == len(steps)
        assert exact_labels(problem.prompt, steps) == [1.0] * len(steps)


@pytest.mark.parametrize("kind", MIXTURE, ids="-".join)
def test_labels_agree_with_the_checker(kind):
    random = Random(6)
    for _ in range(60):
        problem = sample(*kind, TRAIN, random)
        steps = PLAY[kind[0]](problem, random)
        if len(steps) >= len(problem.steps) and kind[0] != "equation":
            assert grade(problem.prompt, steps) == (exact_labels(problem.prompt, steps)[-1] == 1)


def test_honest_failures_are_legal():
    random = Random(7)
    for _ in range(200):
        problem = sample("countdown", "small-4", TRAIN, random)
        steps = fail_honestly(problem, random)
        assert legal_steps(problem.prompt, steps) == len(steps)


def test_splits_are_disjoint_and_sets_are_held_out():
    seen = set()
    for path in PROBLEMS.glob("*.jsonl"):
        for line in path.read_text().splitlines():
            problem = json.loads(line)
            assert split_of(problem["prompt"]) == TEST
            assert key(problem["prompt"]) not in seen
            seen.add(key(problem["prompt"]))
    assert len(seen) == 800
    for split in (TRAIN, LABEL, VALIDATION):
        random = Random(8)
        for _ in range(300):
            prompt = sample("countdown", "small-3", split, random).prompt
            assert split_of(prompt) == split and key(prompt) not in seen


def test_split_rule_is_the_documented_one():
    prompt = "make 24: 8 4 7 6"
    assert key(prompt) == "make 24: 4 6 7 8"
    h = int(hashlib.sha256(b"make 24: 4 6 7 8").hexdigest()[:8], 16) % 100
    expected = TEST if h < 4 else VALIDATION if h < 6 else LABEL if h < 20 else TRAIN
    assert split_of(prompt) == expected


def test_expression_text_round_trips():
    random = Random(9)
    for _ in range(300):
        tree = arithmetic.sample(random.randint(1, 10), random)
        assert arithmetic.parse(arithmetic.show(tree)) == tree
    assert arithmetic.show(arithmetic.parse("(8-(3-1))*((2))/(4/2)")) == "(8-(3-1))*2/(4/2)"
    for bad in ("", "1+", "(1", "01", "1)", "a", "1++2"):
        with pytest.raises(ValueError):
            arithmetic.parse(bad)


def test_equation_text_round_trips():
    random = Random(10)
    for _ in range(300):
        left, right, root = equations.sample(random.randint(1, 4), random)
        text = equations.show(left, right)
        assert equations.show(*equations.parse(text)) == text
        assert equations.solution(text) == root
    assert equations.solution("x=x") is None and equations.solution("3*(x-4)=2*x+5") == 17


def test_reachability():
    assert countdown.reachable((4, 6, 7, 8), 24, 200)
    assert not countdown.reachable((1, 1, 1, 1), 24, 200)


def test_vocabulary():
    assert len(vocab.TOKENS) == len(set(vocab.TOKENS)) == vocab.SIZE == 80
    assert vocab.TOKENS[8] == "\n" and vocab.TOKENS[9] == " " and vocab.TOKENS[48] == "a"
    assert vocab.decode(vocab.encode("make 24: 4 6\n7*8=56|")) == "make 24: 4 6\n7*8=56|"
    assert vocab.encode("A").tolist() == [vocab.UNK]


def test_twins_differ_only_in_the_slip():
    steps = ["7*8=56|56-6/3", "6/3=3|56-3", "56-3=53|53"]
    prompt = "compute 7*8-6/3"
    wrong, right = twins(prompt, steps, exact_labels(prompt, steps))
    assert wrong == steps[:2] and right == [steps[0], "6/3=2|56-2"]
    assert exact_labels(prompt, right) == [1, 1]
    assert twins(prompt, right, [1, 1]) is None


def test_a_moved_target_is_of_the_same_numbers_and_of_the_training_split():
    random, moved = Random(11), 0
    for _ in range(200):
        problem = sample("countdown", "small-4", TRAIN, random)
        prompt = retarget(problem, list(problem.steps), random)
        assert countdown.parse_prompt(prompt)[1] == countdown.parse_prompt(problem.prompt)[1]
        assert split_of(prompt) == TRAIN and 10 <= countdown.parse_prompt(prompt)[0] <= 100
        moved += prompt != problem.prompt
        if prompt != problem.prompt:
            assert exact_labels(prompt, list(problem.steps))[-1] == 0
    assert moved > 150


def prompts_of(path: Path) -> list[str]:
    corpus = Corpus.load(path)
    return [vocab.decode(corpus.tokens[a:b]).split("\n")[0] for a, b in zip(corpus.starts, corpus.starts[1:])]


def test_boosts_and_shares_move_the_mixture(tmp_path):
    build_policy_corpus(tmp_path / "a.npz", 60_000, 1)
    build_policy_corpus(tmp_path / "b.npz", 60_000, 1, {"arithmetic": 0, "countdown-small-4": 5})
    build_prm_corpus(tmp_path / "c.npz", 60_000, 1, 2.0, short=6, moved=0.5)
    plain, boosted, games = (prompts_of(tmp_path / f"{name}.npz") for name in "abc")
    assert any(p.startswith("compute") for p in plain) and not any(p.startswith("compute") for p in boosted)
    four = [sum(p.startswith("make") and p.count(" ") == 5 for p in ps) / len(ps) for ps in (plain, boosted)]
    assert four[1] > 1.5 * four[0]
    assert sum(p.startswith("make") and p.count(" ") == 4 for p in games) > len(games) / 4


def test_sums_mix_lengths_and_stay_in_range():
    random = Random(11)
    lengths = set()
    for _ in range(300):
        problem = sample("arithmetic", SUMS, TRAIN, random)
        assert problem.family == "arithmetic" and grade(problem.prompt, list(problem.steps))
        assert split_of(problem.prompt) == TRAIN and not set(problem.prompt[8:]) & set("*/")
        a, op, b = re.match(r"(\d+)([+-])(\d+)=", problem.steps[0]).groups()
        lengths.add((len(a), len(b)))
    assert {(2, 3), (3, 2), (1, 3)} <= lengths


def test_a_corpus_of_sums_holds_their_slips(tmp_path):
    build_prm_corpus(tmp_path / "sums.npz", 4000, 3, countdown_share=0, sums=1e6)
    corpus = Corpus.load(tmp_path / "sums.npz")
    prompts = [vocab.decode(corpus.tokens[a:b]).split("\n")[0] for a, b in zip(corpus.starts, corpus.starts[1:])]
    assert all(arithmetic.operations(arithmetic.parse(p[8:])) <= 3 for p in prompts)
    assert (corpus.labels == 0).any() and (corpus.labels == 1).any()
