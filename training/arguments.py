"""Options of `python -m training`."""

import argparse


def arguments() -> argparse.ArgumentParser:
    """The parser; `action` is the name of the function of __main__.py that a command runs."""
    parser = argparse.ArgumentParser(prog="training", description="See training/README.md.")
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
    p.set_defaults(action="train_policy")

    p = commands.add_parser("all", help="everything: the commands of recipe.txt that are not done")
    p.add_argument("--scale", type=float, default=1, help="share of all tokens and problems, for a rehearsal (OVERTHINK_TRAINING)")
    p.set_defaults(action="everything")

    p = commands.add_parser("export", help="write a run's averaged weights to public/models")
    p.add_argument("run")
    p.add_argument("model")
    p.add_argument("--into", help="another folder than public/models")
    p.add_argument("--bits", type=int, choices=(8, 16), default=8)
    p.set_defaults(action="export")

    p = commands.add_parser("prm", help="train the PRM from a policy's weights (resumes)")
    p.add_argument("--run", default="prm")
    p.add_argument("--init", default="policy", help="run whose averaged weights it starts from")
    p.add_argument("--tokens", type=float, default=12e6)
    p.add_argument("--decay-tokens", type=float, default=5e6)
    p.add_argument("--corpora", nargs="+", required=True, help="names in training/data, of `synthetic` and `label`")
    p.add_argument("--extra-layers", type=int, default=2)
    p.add_argument("--language", type=float, default=0.25, help="weight of language modelling beside the value")
    p.add_argument("--steady", type=float, default=0, help="weight of an even log normaliser, before the circuit is added")
    p.add_argument("--deepen", type=int, default=0, help="blocks added to the policy of --init, with --plain")
    p.add_argument("--plain", action="store_true", help="the shape of --init with a value head, without the circuit")
    p.add_argument("--muon-lr", type=float, default=0.006)
    p.add_argument("--adam-lr", type=float, default=1.5e-3)
    p.add_argument("--eager", action="store_true")
    p.set_defaults(action="train_prm")

    p = commands.add_parser("average", help="a run with the mean weights of stages of one training")
    p.add_argument("out")
    p.add_argument("runs", nargs="+")
    p.set_defaults(action="average")

    p = commands.add_parser("synthetic", help="verifier data without samples: data/prm-synthetic-SEED.npz")
    p.add_argument("--tokens", type=float, default=14e6)
    p.add_argument("--countdown-share", type=float, default=0.5, help="countdown's weight relative to the policy's mixture")
    p.add_argument("--short", type=float, default=1, help="weight of three numbers relative to the policy's mixture")
    p.add_argument("--moved", type=float, default=0, help="share of countdown games whose target is moved")
    p.add_argument("--sums", type=float, default=0, help="weight of short sums and differences, in units of the mixture (all of it 182)")
    p.set_defaults(action="synthetic")

    for name, init, action in (("reviser", "policy", "train_reviser"), ("orm", "prm-plain", "train_orm")):
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
    p.set_defaults(action="problems")

    p = commands.add_parser("read", help="turn data/NAME.jsonl, written by `cli generate`, into data/NAME.npz")
    p.add_argument("name")
    p.set_defaults(action="read")

    p = commands.add_parser("label", help="verifier corpus from drawn samples")
    p.add_argument("samples")
    p.add_argument("kind", choices=("outcome", "exact", "both"))
    p.add_argument("--distinct", action="store_true", help="a solution drawn often counts once")
    p.set_defaults(action="label")

    p = commands.add_parser("golden", help="golden outputs of policy, prm, … or tiny")
    p.add_argument("model")
    p.set_defaults(action="golden")

    commands.add_parser("manifest", help="rewrite public/models/manifest.json").set_defaults(action="manifest")
    commands.add_parser("sets", help="write public/problems").set_defaults(action="sets")

    p = commands.add_parser("figures", help="pass@k and honesty from data/NAME.jsonl")
    p.add_argument("name")
    p.set_defaults(action="figures")

    p = commands.add_parser("verify", help="AUC and selection of PRM runs on data/NAME.jsonl")
    p.add_argument("name")
    p.add_argument("--problems", type=int, default=50, help="most problems of a level")
    p.add_argument("--levels", nargs="*", default=[], help="such as 'equation 4'")
    p.add_argument("--runs", nargs="+", default=["prm"])
    p.add_argument("--calibration", help="JSON file for the reliability of the last run, such as docs/calibration.json")
    p.set_defaults(action="verify")

    p = commands.add_parser("verify-orm", help="AUC within problems of an ORM on samples that `read` brought in")
    p.add_argument("samples")
    p.add_argument("--run", default="orm")
    p.set_defaults(action="verify_orm")

    p = commands.add_parser("attempts", help="number formats and shapes side by side, from scratch")
    p.add_argument("names", nargs="*")
    p.add_argument("--tokens", type=float, default=3e6)
    p.set_defaults(action="attempts")

    return parser
