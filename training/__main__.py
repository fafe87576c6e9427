"""Command line: python -m training COMMAND. See training/README.md."""

import json
import os
from pathlib import Path

import torch

from .arguments import arguments

ROOT = Path(__file__).resolve().parent.parent
# Elsewhere: checkpoints, corpora and models of a rehearsal, which must not touch the shipped ones.
ELSEWHERE = os.environ.get("OVERTHINK_TRAINING")
WORK = Path(ELSEWHERE).resolve() if ELSEWHERE else ROOT / "training"
DATA, RUNS, MODELS = WORK / "data", WORK / "runs", WORK / "models" if ELSEWHERE else ROOT / "public/models"
FIXTURES, PROBLEMS = ROOT / "test/fixtures", ROOT / "public/problems"


def train_policy(a) -> None:
    from .corpus import Corpus
    from .grow import deepen, double_width
    from .policy_data import build_policy_corpus
    from .train import SHAPES, Llama, load_average

    corpus = DATA / f"{a.run}-{a.seed}.npz"
    if not corpus.exists():
        boosts = {name: float(factor) for name, factor in (x.split(":") for x in a.boost)}
        build_policy_corpus(corpus, a.corpus_tokens, a.seed, boosts, a.failures)
    torch.manual_seed(a.seed)
    model = load_average(RUNS / a.start / "checkpoint.pt") if a.start else Llama(SHAPES[a.shape])
    if a.double:
        model = double_width(model)
    if a.deepen:
        model = deepen(model, a.deepen)
    fit(a, model, Corpus.load(corpus))


def train_prm(a) -> None:
    from .corpus import Corpus, batches, join
    from .grow import deepen
    from .llama import with_value_head
    from .train import load_average
    from .verifier_init import verifier_from

    if a.steady and not a.plain:
        raise SystemExit("--steady needs --plain: beside the surprise circuit the language model no longer learns.")
    torch.manual_seed(a.seed)
    corpus = join([Corpus.load(DATA / f"{name}.npz") for name in a.corpora])
    example = torch.from_numpy(next(batches(corpus, 4096, a.seed))[0])
    start = RUNS / a.init / "checkpoint.pt"
    if a.plain:
        base = load_average(start)
        model = with_value_head(deepen(base, a.deepen) if a.deepen else base)
    else:
        model = verifier_from(start, example, a.extra_layers)
    fit(a, model, corpus, adam_lr=a.adam_lr, language=a.language, steady=a.steady)


def average(a) -> None:
    from .train import average_runs

    if (RUNS / a.out / "checkpoint.pt").exists():
        print(f"{a.out} is there already and stays as it is")
    else:
        average_runs([RUNS / run for run in a.runs], RUNS / a.out)


def confidence(a) -> None:
    from .confidence import fit_weights, least_of_groups, write_weights
    from .train import load_average
    from .verify import read_groups, score_groups

    groups = [g for level in read_groups(DATA / f"{a.name}.jsonl").values() for g in level[: a.problems]]
    scores = score_groups(load_average(RUNS / a.run / "checkpoint.pt"), groups)
    least = least_of_groups(load_average(RUNS / a.policy / "checkpoint.pt"), groups)
    weights = fit_weights(groups, scores, least)
    write_weights(RUNS / a.run, weights, a.policy)
    print(weights)


def synthetic(a) -> None:
    from .prm_data import build_prm_corpus

    path = DATA / f"prm-synthetic-{a.seed}.npz"
    build_prm_corpus(path, int(a.tokens), a.seed, a.countdown_share, short=a.short, moved=a.moved, sums=a.sums)
    print(path)


def train_reviser(a) -> None:
    from .judge import judging
    from .llama import without_value_head
    from .revision_chains import Sources, build_chain_corpus
    from .revision_data import build_reviser_corpus
    from .train import load_average

    def of_samples(path):
        build_reviser_corpus(samples_of(a.samples), path, a.per_answer, a.seed, a.kept, int(a.synthetic_tokens), a.unrelated)

    def of_chains(path):
        samples = samples_of(a.chain_samples)
        sources = Sources(files_of(a.chains), samples, a.per_problem, int(a.chain_tokens), int(a.first_tokens))
        build_chain_corpus(sources, path, a.per_chain, a.seed)

    corpus = revision_corpus(a, of_samples, of_chains, a.chains or a.chain_samples)
    base = load_average(RUNS / a.init / "checkpoint.pt")
    fit(a, judging(base) if a.judge else without_value_head(base), corpus, adam_lr=a.adam_lr, judge=a.judge)


def train_orm(a) -> None:
    from .llama import with_value_head
    from .revision_chains import build_judged_chains
    from .revision_data import build_orm_corpus
    from .train import load_average

    def of_samples(path):
        build_orm_corpus(samples_of(a.samples), path, a.per_problem, a.seed, int(a.synthetic_tokens))

    def of_chains(path):
        build_judged_chains(files_of(a.chains), path, a.per_chain, a.seed)

    corpus = revision_corpus(a, of_samples, of_chains, a.chains)
    base = load_average(RUNS / a.init / "checkpoint.pt")
    fit(a, with_value_head(base), corpus, adam_lr=a.adam_lr)


def samples_of(names: list[str]):
    from .rollouts import Samples

    return Samples.load(*(DATA / f"{name}.npz" for name in names)) if names else None


def files_of(names: list[str]) -> list[Path]:
    return [DATA / f"{name}.jsonl" for name in names]


def revision_corpus(a, of_samples, of_chains, chains):
    """What was asked for: samples and synthetic attempts, a reviser's own chains, or both."""
    from .corpus import Corpus, join

    wanted = {"": (of_samples, a.samples or a.synthetic_tokens), "-chains": (of_chains, chains)}
    parts = []
    for kind, (build, asked) in wanted.items():
        path = DATA / f"{a.run}-{a.seed}{kind}.npz"
        if asked:
            if not path.exists():
                build(path)
            parts.append(Corpus.load(path))
    return join(parts)


def finished(checkpoint: Path, tokens: int) -> bool:
    return checkpoint.exists() and torch.load(checkpoint, map_location="cpu", mmap=True)["seen"] >= tokens


def fit(a, model, corpus, **recipe) -> None:
    """Train in runs/RUN by the command's recipe, from its checkpoint where there is one."""
    from .train import Recipe, Trainer

    folder = RUNS / a.run
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(a.seed)
    plan = Recipe(int(a.tokens), int(a.decay_tokens), seed=a.seed, muon_lr=a.muon_lr, half=a.half, **recipe)
    if finished(folder / "checkpoint.pt", plan.tokens + plan.decay_tokens):
        return
    trainer = Trainer(folder, model, plan, a.device, not a.eager)
    if (folder / "checkpoint.pt").exists():
        trainer.resume(folder / "checkpoint.pt")
    trainer.run(corpus)


def problems(a) -> None:
    from .rollouts import write_problems

    DATA.mkdir(parents=True, exist_ok=True)
    levels = [tuple(x.split(":")) for x in a.levels] or None
    write_problems(DATA / f"{a.name}-problems.jsonl", a.count, a.seed, a.split, levels, a.evenly)


def read(a) -> None:
    from .rollouts import read_samples

    samples = read_samples(DATA / f"{a.name}.jsonl")
    samples.save(DATA / f"{a.name}.npz")
    print(f"{len(samples)} solutions, {samples.correct.mean():.3f} correct")


def label(a) -> None:
    from .rollouts import Samples, label_samples

    path = DATA / f"{a.samples}-{a.kind}{'-distinct' if a.distinct else ''}.npz"
    label_samples(Samples.load(DATA / f"{a.samples}.npz"), path, a.kind, a.distinct)


def export(a) -> None:
    from .confidence import read_weights
    from .export import write_manifest, write_model
    from .train import load_average

    folder, run = Path(a.into) if a.into else MODELS, RUNS / a.run
    known = read_weights(run)
    write_model(load_average(run / "checkpoint.pt"), folder / a.model, a.bits, known and known[0])
    write_manifest(folder, LABELS)


def everything(a) -> None:
    from .pipeline import run_all

    if not 0 < a.scale <= 1 or (a.scale != 1 and not ELSEWHERE):
        raise SystemExit("--scale is a share, above 0 and up to 1; below 1 only elsewhere, with OVERTHINK_TRAINING set to a folder.")
    places = {"DATA": DATA, "RUNS": RUNS, "MODELS": MODELS}
    run_all(places, a.scale, ["--device", a.device, "--threads", str(a.threads)], ROOT)


def manifest(a) -> None:
    from .export import write_manifest

    write_manifest(MODELS, LABELS)


def golden(a) -> None:
    from .golden import write_golden
    from .tiny import write_tiny

    if a.model == "tiny":
        write_tiny(FIXTURES)
    else:
        write_golden(MODELS / a.model, FIXTURES / "golden" / f"{a.model}.json", a.model)


def sets(a) -> None:
    from .sets import write_sets

    write_sets(PROBLEMS)


def figures(a) -> None:
    from .evaluate import policy_figures, table

    report(f"policy-{a.name}", table(policy_figures(DATA / f"{a.name}.jsonl")))


def verify(a) -> None:
    from .confidence import least_of_groups, read_weights, with_confidence
    from .evaluate import table
    from .slip_figures import slip_figures
    from .train import load_average
    from .verify import calibration, family_figures, read_groups, score_groups, verifier_figures

    levels = {k: g[: a.problems] for k, g in read_groups(DATA / f"{a.name}.jsonl").items() if not a.levels or k in a.levels}
    everything = [g for groups in levels.values() for g in groups]
    policy = load_average(RUNS / a.policy / "checkpoint.pt") if a.policy else None
    least = {level: least_of_groups(policy, groups) for level, groups in levels.items()} if policy else None
    for run in a.runs:
        prm, known = load_average(RUNS / run / "checkpoint.pt"), read_weights(RUNS / run)
        scores = {level: score_groups(prm, groups) for level, groups in levels.items()}
        if least and known:
            weights, fitted_to = known
            print(f"{run} with the confidence of {a.policy}, weights fitted to {fitted_to}")
            for level, ss in scores.items():
                scores[level] = [[with_confidence(*x, weights) for x in zip(*pair)] for pair in zip(ss, least[level])]
        else:
            print(f"{run}: the value alone" + (", `confidence` was not called for it" if least else ""))
        rows = [{"level": k, "problems": len(groups), **verifier_figures(groups, scores[k])} for k, groups in levels.items()]
        flat = [s for ss in scores.values() for s in ss]
        if a.calibration:
            (ROOT / a.calibration).write_text(json.dumps(calibration(everything, flat, run)) + "\n")
        tables = rows, family_figures(everything, flat), slip_figures(everything, flat)
        report(f"prm-{run}", "\n\n".join(map(table, tables)))


def verify_orm(a) -> None:
    from .evaluate import table
    from .rollouts import Samples
    from .train import load_average
    from .verify import orm_figures

    report(f"orm-{a.run}", table(orm_figures(load_average(RUNS / a.run / "checkpoint.pt"), Samples.load(DATA / f"{a.samples}.npz"))))


def attempts(a) -> None:
    from .attempts import ATTEMPTS, run_attempt
    from .evaluate import table

    names = a.names or list(ATTEMPTS)
    rows = [run_attempt(name, int(a.tokens), RUNS / "attempts" / name.replace(" ", "-"), a.half) for name in names]
    report("attempts", table(rows))


def report(name: str, text: str) -> None:
    RUNS.mkdir(parents=True, exist_ok=True)
    (RUNS / f"report-{name}.md").write_text(text + "\n")
    print(text, flush=True)


LABELS = {
    "policy": "Policy, 0.8 M",
    "prm": "Process reward model, 2.7 M",
    "reviser": "Reviser, 1.2 M",
    "orm": "Outcome reward model of revisions, 1.2 M",
    "policy-large": "Larger policy, 3.2 M",
}


def main() -> None:
    a = arguments().parse_args()
    torch.set_num_threads(a.threads)
    globals()[a.action](a)


if __name__ == "__main__":
    main()
