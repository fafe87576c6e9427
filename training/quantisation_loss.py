"""What int8 costs: the same weights in float16 and in int8, side by side.

    python -m training.quantisation_loss SAMPLES NAME=SOURCE …

SAMPLES is a file of `data/` as `read` wrote it; SOURCE is a run of `runs/` or a folder with config.json; NAME is what it is called in the pair of model folders that is
written to `runs/quantised/16` and `runs/quantised/8`. Prints the differences of outputs on one sampled solution of each
problem. Accuracy of both, with the engine that ships and with common random
numbers, then comes from

    npm run -s cli -- eval --models training/runs/quantised/8 --problems public/problems/eval-200.jsonl …
"""

import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from . import vocab
from .__main__ import DATA, RUNS
from .evaluate import table
from .export import read_model, write_model
from .llama import Llama
from .rollouts import Samples
from .train import load_average


def open_source(source: str) -> Llama:
    folder = Path(source)
    return read_model(folder) if (folder / "config.json").exists() else load_average(RUNS / source / "checkpoint.pt")


def solutions(name: str) -> list[torch.Tensor]:
    """The first sampled solution of each problem, as token ids."""
    samples = Samples.load(DATA / f"{name}.npz")
    first = np.unique(samples.problem, return_index=True)[1]
    return [torch.from_numpy(samples.sequence(int(i)).astype(np.int64)) for i in first]


@torch.inference_mode()
def difference(half: Llama, small: Llama, texts: list[torch.Tensor]) -> dict:
    """Over all positions of all texts. A policy's logits, top choice and Kullback-Leibler divergence; a verifier's value
    in 0…1 at the ends of steps."""
    outputs = [(text, half(text[None])[0].float(), small(text[None])[0].float()) for text in texts]
    if half.score is None:
        a, b = torch.cat([x for _, x, _ in outputs]), torch.cat([x for _, _, x in outputs])
        divergence = F.kl_div(b.log_softmax(-1), a.log_softmax(-1), reduction="none", log_target=True).sum(-1)
        return {
            "positions": len(a),
            "logit difference, mean": (a - b).abs().mean().item(),
            "largest": (a - b).abs().max().item(),
            "same first choice": (a.argmax(-1) == b.argmax(-1)).float().mean().item(),
            "KL, nats a token": divergence.mean().item(),
        }
    ends = [(text == vocab.NEWLINE) | (text == vocab.EOS) for text, _, _ in outputs]
    a = torch.cat([x[at] for at, (_, x, _) in zip(ends, outputs)]).sigmoid()
    b = torch.cat([x[at] for at, (_, _, x) in zip(ends, outputs)]).sigmoid()
    return {"positions": len(a), "value difference, mean": (a - b).abs().mean().item(), "largest": (a - b).abs().max().item()}


def main(samples: str, *pairs: str) -> None:
    torch.set_num_threads(1)
    texts = solutions(samples)
    for pair in pairs:
        name, source = pair.split("=", 1)
        folders = {bits: RUNS / f"quantised/{bits}/{name}" for bits in (16, 8)}
        for bits, folder in folders.items():
            write_model(open_source(source), folder, bits)
        half, small = (read_model(folder).eval() for folder in folders.values())
        bytes_of = [(folder / "model.safetensors").stat().st_size for folder in folders.values()]
        row = {"model": name, "bytes 16": bytes_of[0], "bytes 8": bytes_of[1], **difference(half, small, texts)}
        print(table([{k: f"{v:.5f}" if isinstance(v, float) else v for k, v in row.items()}]), end="\n\n", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
