"""Command line: python -m training COMMAND. See training/README.md."""

import argparse
import json
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parent.parent
DATA, RUNS = ROOT / "training/data", ROOT / "training/runs"
MODELS, FIXTURES, PROBLEMS = ROOT / "public/models", ROOT / "test/fixtures", ROOT / "public/problems"


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
    from .train import load_average, with_value_head
    from .verifier_init import verifier_from

    torch.manual_seed(a.seed)
    corpus = join([Corpus.load(DATA / f"{name}.npz") for name in a.corpora])
    example = torch.from_numpy(next(batches(corpus, 4096, a.seed))[0])
    start = RUNS / a.init / "checkpoint.pt"
    if a.plain:
        base = load_average(start)
        model = with_value_head(deepen(base, a.deepen) if a.deepen else base)
    else:
        model = verifier_from(start, example, a.extra_layers)
    fit(a, model, corpus, adam_lr=a.adam_lr, language=a.language)


def average(a) -> None:
    from .train import average_runs

    average_runs([RUNS / run for run in a.runs], RUNS / a.out)


def synthetic(a) -> None:
    from .prm_data import build_prm_corpus

    path = DATA / f"prm-synthetic-{a.seed}.npz"
    build_prm_corpus(path, int(a.tokens), a.seed, a.countdown_share, short=a.short, moved=a.moved, sums=a.sums)
    print(path.relative_to(ROOT))


def train_reviser(a) -> None:
    from .judge import judging
    from .revision_chains import Sources, build_chain_corpus
    from .revision_data import build_reviser_corpus
    from .train import load_average, without_value_head

    def of_samples(path):
        build_reviser_corpus(samples_of(a.samples), path, a.per_answer, a.seed, a.kept, int(a.synthetic_tokens), a.unrelated)

    def of_chains(path):
        samples = samples_of(a.chain_samples)
        sources = Sources(files_of(a.chains), samples, a.per_problem, int(a.chain_tokens), int(a.first_tokens))
        build_chain_corpus(sources, path, a.per_chain, a.seed)

    corpus = revision_corpus(a, of_samples, of_chains, a.chains or a.chain_samples)
    model = without_value_head(load_average(RUNS / a.init / "checkpoint.pt"))
    fit(a, judging(model) if a.judge else model, corpus, adam_lr=a.adam_lr, judge=a.judge)


def train_orm(a) -> None:
    from .revision_chains import build_judged_chains
    from .revision_data import build_orm_corpus
    from .train import load_average, with_value_head

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


def fit(a, model, corpus, **recipe) -> None:
    """Train in runs/RUN by the command's recipe, from its checkpoint where there is one."""
    from .train import Recipe, Trainer

    folder = RUNS / a.run
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(a.seed)
    plan = Recipe(int(a.tokens), int(a.decay_tokens), seed=a.seed, muon_lr=a.muon_lr, half=a.half, **recipe)
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
    from .export import write_manifest, write_model
    from .train import load_average

    write_model(load_average(RUNS / a.run / "checkpoint.pt"), MODELS / a.model, a.bits)
    write_manifest(MODELS, LABELS)


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
    from .evaluate import table
    from .slip_figures import slip_figures
    from .train import load_average
    from .verify import calibration, read_groups, score_groups, verifier_figures

    levels = {k: g[: a.problems] for k, g in read_groups(DATA / f"{a.name}.jsonl").items() if not a.levels or k in a.levels}
    everything = [g for groups in levels.values() for g in groups]
    for run in a.runs:
        prm = load_average(RUNS / run / "checkpoint.pt")
        scores = {level: score_groups(prm, groups) for level, groups in levels.items()}
        rows = [{"level": k, "problems": len(groups), **verifier_figures(groups, scores[k])} for k, groups in levels.items()]
        flat = [s for ss in scores.values() for s in ss]
        if a.calibration:
            (ROOT / a.calibration).write_text(json.dumps(calibration(everything, flat, run)) + "\n")
        report(f"prm-{run}", table(rows) + "\n\n" + table(slip_figures(everything, flat)))


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
    RUNS.mkdir(exist_ok=True)
    (RUNS / f"report-{name}.md").write_text(text + "\n")
    print(text, flush=True)


LABELS = {
    "policy": "Policy, 0.8 M",
    "prm": "Process reward model, 2.7 M",
    "reviser": "Reviser, 0.8 M",
    "orm": "Outcome reward model of revisions, 1.2 M",
    "policy-large": "Larger policy, 3.2 M",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="training", description=__doc__)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--half", action="store_true", help="compute in bfloat16 (quicker on a CPU with AMX)")
    commands = parser.add_subparsers(required=True)

    p = commands.add_parser("policy", help="train the policy (resumes)")
    p.add_argument("--run", default="policy")
    p.add_argument("--shape", default="small")
    p.add_argument("--tokens", type=float, default=40e6, help="tokens at constant rate")
    p.add_argument("--decay-tokens", type=float, default=8e6)
    p.add_argument("--corpus-tokens", type=float, default=50e6)
    p.add_argument("--muon-lr", type=float, default=0.02)
    p.add_argument("--start", help="run whose averaged weights it begins with")
    p.add_argument("--deepen", type=int, default=0, help="blocks added to --start")
    p.add_argument("--boost", nargs="*", default=[], help="factors of the mixture, such as arithmetic:0.5 countdown-small-4:3")
    p.add_argument("--failures", type=float, default=0.2, help="share of countdown sequences that fail honestly")
    p.add_argument("--double", action="store_true", help="begin with --start in twice the width")
    p.add_argument("--eager", action="store_true", help="without torch.compile")
    p.set_defaults(action=train_policy)

    p = commands.add_parser("export", help="write a run's averaged weights to public/models")
    p.add_argument("run")
    p.add_argument("model")
    p.add_argument("--bits", type=int, choices=(8, 16), default=8)
    p.set_defaults(action=export)

    p = commands.add_parser("prm", help="train the PRM from a policy's weights (resumes)")
    p.add_argument("--run", default="prm")
    p.add_argument("--init", default="policy", help="run whose averaged weights it starts from")
    p.add_argument("--tokens", type=float, default=12e6)
    p.add_argument("--decay-tokens", type=float, default=5e6)
    p.add_argument("--corpora", nargs="+", required=True, help="names in training/data, of `synthetic` and `label`")
    p.add_argument("--extra-layers", type=int, default=2)
    p.add_argument("--language", type=float, default=0.25, help="weight of language modelling beside the value")
    p.add_argument("--deepen", type=int, default=0, help="blocks added to the policy of --init, with --plain")
    p.add_argument("--plain", action="store_true", help="the shape of --init with a value head, without the circuit")
    p.add_argument("--muon-lr", type=float, default=0.006)
    p.add_argument("--adam-lr", type=float, default=1.5e-3)
    p.add_argument("--eager", action="store_true")
    p.set_defaults(action=train_prm)

    p = commands.add_parser("average", help="a run with the mean weights of stages of one training")
    p.add_argument("out")
    p.add_argument("runs", nargs="+")
    p.set_defaults(action=average)

    p = commands.add_parser("synthetic", help="verifier data without samples: data/prm-synthetic-SEED.npz")
    p.add_argument("--tokens", type=float, default=14e6)
    p.add_argument("--countdown-share", type=float, default=0.5, help="countdown's weight relative to the policy's mixture")
    p.add_argument("--short", type=float, default=1, help="weight of three numbers relative to the policy's mixture")
    p.add_argument("--moved", type=float, default=0, help="share of countdown games whose target is moved")
    p.add_argument("--sums", type=float, default=0, help="weight of short sums and differences, in units of the mixture (all of it 182)")
    p.set_defaults(action=synthetic)

    for name, init, action in (("reviser", "policy", train_reviser), ("orm", "prm-plain", train_orm)):
        p = commands.add_parser(name, help=f"train the {name} from drawn samples, 64 a problem (resumes)")
        p.add_argument("samples", nargs="*", help="names in training/data")
        p.add_argument("--run", default=name)
        p.add_argument("--init", default=init)
        p.add_argument("--synthetic-tokens", type=float, default=0, help="of deliberate slips and failed play besides")
        p.add_argument("--tokens", type=float, default=5e6)
        p.add_argument("--decay-tokens", type=float, default=3e6)
        p.add_argument("--muon-lr", type=float, default=0.006)
        p.add_argument("--adam-lr", type=float, default=1e-3)
        p.add_argument("--eager", action="store_true")
        p.add_argument("--chains", nargs="*", default=[], help="files of `cli chains --attempts` in training/data")
        p.add_argument("--per-chain", type=int, default=2, help="histories taken of each chain")
        if name == "reviser":
            p.add_argument("--per-answer", type=int, default=1)
            p.add_argument("--chain-samples", nargs="*", default=[], help="samples from which chains are put together")
            p.add_argument("--per-problem", type=int, default=4, help="chains of each problem of --chain-samples")
            p.add_argument("--chain-tokens", type=float, default=0, help="of chains on fresh problems, of slips and right attempts")
            p.add_argument("--first-tokens", type=float, default=0, help="of first attempts at other problems, with --chains")
            p.add_argument("--unrelated", type=float, default=0, help="share of wrong histories that do not end with the nearest attempt")
            p.add_argument("--judge", type=float, default=0, help="weight of a verdict on each attempt beside the answer")
            p.add_argument("--kept", type=float, default=0.35, help="share of histories that hold the right answer")
        else:
            p.add_argument("--per-problem", type=int, default=16)
        p.set_defaults(action=action)

    p = commands.add_parser("problems", help="write label problems for `cli generate --problems`")
    p.add_argument("name")
    p.add_argument("--count", type=int, default=1500)
    p.add_argument("--split", default="label")
    p.add_argument("--levels", nargs="*", default=[])
    p.add_argument("--evenly", action="store_true", help="as many of each level, instead of by the mixture")
    p.set_defaults(action=problems)

    p = commands.add_parser("read", help="turn data/NAME.jsonl, written by `cli generate`, into data/NAME.npz")
    p.add_argument("name")
    p.set_defaults(action=read)

    p = commands.add_parser("label", help="verifier corpus from drawn samples")
    p.add_argument("samples")
    p.add_argument("kind", choices=("outcome", "exact", "both"))
    p.add_argument("--distinct", action="store_true", help="a solution drawn often counts once")
    p.set_defaults(action=label)

    p = commands.add_parser("golden", help="golden outputs of policy, prm, … or tiny")
    p.add_argument("model")
    p.set_defaults(action=golden)

    commands.add_parser("manifest", help="rewrite public/models/manifest.json").set_defaults(action=manifest)
    commands.add_parser("sets", help="write public/problems").set_defaults(action=sets)

    p = commands.add_parser("figures", help="pass@k and honesty from data/NAME.jsonl")
    p.add_argument("name")
    p.set_defaults(action=figures)

    p = commands.add_parser("verify", help="AUC and selection of PRM runs on data/NAME.jsonl")
    p.add_argument("name")
    p.add_argument("--problems", type=int, default=50, help="most problems of a level")
    p.add_argument("--levels", nargs="*", default=[], help="such as 'equation 4'")
    p.add_argument("--runs", nargs="+", default=["prm"])
    p.add_argument("--calibration", help="JSON file for the reliability of the last run, such as docs/calibration.json")
    p.set_defaults(action=verify)

    p = commands.add_parser("verify-orm", help="AUC within problems of an ORM on samples that `read` brought in")
    p.add_argument("samples")
    p.add_argument("--run", default="orm")
    p.set_defaults(action=verify_orm)

    p = commands.add_parser("attempts", help="number formats and shapes side by side, from scratch")
    p.add_argument("names", nargs="*")
    p.add_argument("--tokens", type=float, default=3e6)
    p.set_defaults(action=attempts)

    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    a.action(a)


if __name__ == "__main__":
    main()
