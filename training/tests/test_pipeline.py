"""The recipe holds together: each command is understood, and what it needs was made before. No torch."""

import re
import subprocess

import pytest

from training.arguments import arguments
from training.pipeline import RECIPE, argv, placed, read_recipe, run_all, scaled

COMMANDS = read_recipe(RECIPE.read_text())


def needs_and_makes(words):
    """Files below DATA and RUNS without their endings."""
    if words[0] == "cli":
        files = dict(zip(words[1:], words[2:]))
        models = ("policy", "reviser", "orm") if words[1] == "chains" else ("policy",)
        reads = [files["--problems"].removesuffix(".jsonl"), *(f"{files['--models']}/{m}" for m in models)]
        return reads, [(files.get("--out") or files["--attempts"]).removesuffix(".jsonl")]
    a = arguments().parse_args(words[1:])
    data, runs = "DATA/{}".format, "RUNS/{}".format
    if a.action == "train_policy":
        return [runs(a.start)] if a.start else [], [runs(a.run)]
    if a.action == "train_prm":
        return [runs(a.init), *(data(c) for c in a.corpora)], [runs(a.run)]
    if a.action in ("train_reviser", "train_orm"):
        samples = [*a.samples, *getattr(a, "chain_samples", [])]
        return [runs(a.init), *(data(f"{s} read") for s in samples), *map(data, a.chains)], [runs(a.run)]
    if a.action == "synthetic":
        return [], [data(f"prm-synthetic-{a.seed}")]
    if a.action == "problems":
        return [], [data(f"{a.name}-problems")]
    if a.action == "read":
        return [data(a.name)], [data(f"{a.name} read")]
    if a.action == "label":
        return [data(f"{a.samples} read")], [data(f"{a.samples}-{a.kind}")]
    if a.action == "average":
        return [runs(r) for r in a.runs], [runs(a.out)]
    if a.action == "confidence":
        return [runs(a.run), runs(a.policy), data(a.name)], [f"{runs(a.run)} confidence"]
    assert a.action == "export"
    shipped_prm = [f"{runs(a.run)} confidence"] if a.model == "prm" and not a.into else []
    return [runs(a.run), *shipped_prm], [f"{a.into or 'MODELS'}/{a.model}"]


def test_what_a_command_needs_was_made_before():
    made: set[str] = set()
    for words in COMMANDS:
        needs, makes = needs_and_makes(words)
        assert not set(needs) - made, f"{words} needs {set(needs) - made}"
        made |= set(makes)
    assert {f"MODELS/{m}" for m in ("policy", "prm", "reviser", "orm", "policy-large")} <= made


def test_no_two_sets_of_problems_have_one_seed():
    seeds = [(w[w.index("--seed") + 1], w[w.index("problems") + 1]) for w in COMMANDS if "problems" in w]
    assert len({seed for seed, _ in seeds}) == len(seeds)


def test_a_rehearsal_is_the_same_recipe_in_small():
    for words in COMMANDS:
        small = scaled(words, 0.001)
        assert len(small) == len(words) and scaled(words, 1) == words
        changed = [(a, b) for a, b in zip(words, small) if a != b]
        assert all(float(b) < float(a) and float(b) >= 8 for a, b in changed)
    policy = scaled(COMMANDS[0], 0.001)
    assert policy[policy.index("--tokens") + 1] == "77000"


def test_places_are_filled_in(tmp_path):
    places = {"DATA": tmp_path / "d", "RUNS": tmp_path / "r", "MODELS": tmp_path / "m"}
    words = placed(["cli", "generate", "--models", "MODELS", "--out", "DATA/x.jsonl", "MODELSx", "a/DATA"], places)
    assert words[3:] == [str(tmp_path / "m"), "--out", str(tmp_path / "d/x.jsonl"), "MODELSx", "a/DATA"]
    with pytest.raises(ValueError, match="training or cli"):
        argv(["rm", "-r"], [], [])


def test_it_goes_on_where_it_failed(tmp_path):
    places = {name: tmp_path / name for name in ("DATA", "RUNS", "MODELS")}
    calls: list[list[str]] = []

    def call(words, check, cwd):
        calls.append(words)
        if len(calls) == 3:
            raise subprocess.CalledProcessError(1, words)

    with pytest.raises(subprocess.CalledProcessError):
        run_all(places, 1, ["--threads", "1"], tmp_path, call)
    assert len(calls) == 3
    run_all(places, 1, ["--threads", "1"], tmp_path, call)
    assert calls[2] == calls[3] and len(calls) == len(COMMANDS) + 1
    run_all(places, 1, ["--threads", "1"], tmp_path, call)
    assert len(calls) == len(COMMANDS) + 1  # nothing is left
    assert all(re.search(r"-m training --threads 1", " ".join(c)) or c[0] == "npm" for c in calls)
