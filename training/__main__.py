"""Command line: python -m training COMMAND. See training/README.md."""

import argparse
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parent.parent
DATA, RUNS = ROOT / "training/data", ROOT / "training/runs"
MODELS, FIXTURES, PROBLEMS = ROOT / "public/models", ROOT / "test/fixtures", ROOT / "public/problems"


def train_policy(a) -> None:
    from .corpus import Corpus
    from .policy_data import build_policy_corpus
    from .train import SHAPES, Llama, Recipe, Trainer

    folder = RUNS / a.run
    folder.mkdir(parents=True, exist_ok=True)
    corpus = DATA / f"{a.run}-{a.seed}.npz"
    if not corpus.exists():
        build_policy_corpus(corpus, a.corpus_tokens, a.seed)
    torch.manual_seed(a.seed)
    recipe = Recipe(a.tokens, a.decay_tokens, seed=a.seed, muon_lr=a.muon_lr)
    trainer = Trainer(folder, Llama(SHAPES[a.shape]), recipe, a.device, not a.eager)
    start = Path(a.start) if a.start else folder / "checkpoint.pt"
    if start.exists():
        trainer.resume(start)
    trainer.run(Corpus.load(corpus))


def export(a) -> None:
    from .export import write_model
    from .train import load_average

    write_model(load_average(RUNS / a.run / "checkpoint.pt"), MODELS / a.model)


def main() -> None:
    parser = argparse.ArgumentParser(prog="training", description=__doc__)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    commands = parser.add_subparsers(required=True)

    p = commands.add_parser("policy", help="train the policy (resumes)")
    p.add_argument("--run", default="policy")
    p.add_argument("--shape", default="small")
    p.add_argument("--tokens", type=float, default=40e6, help="tokens at constant rate")
    p.add_argument("--decay-tokens", type=float, default=8e6)
    p.add_argument("--corpus-tokens", type=float, default=50e6)
    p.add_argument("--muon-lr", type=float, default=0.02)
    p.add_argument("--start", help="checkpoint to start from instead of the run's own")
    p.add_argument("--eager", action="store_true", help="without torch.compile")
    p.set_defaults(action=train_policy)

    p = commands.add_parser("export", help="write a run's averaged weights to public/models")
    p.add_argument("run")
    p.add_argument("model")
    p.set_defaults(action=export)

    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    a.action(a)


if __name__ == "__main__":
    main()
