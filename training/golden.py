"""Golden outputs of exported models, computed by Hugging Face transformers in float32 from the files' weights."""

import json
from pathlib import Path

import numpy as np
import torch

from . import vocab
from .confidence import least_determined, log_probabilities, with_confidence
from .export import sha256

LONG = (
    "compute 9*8-7*6+5*(4+3)-2*(8-3)+6*7\n9*8=72|72-7*6+5*(4+3)-2*(8-3)+6*7\n7*6=42|72-42+5*(4+3)-2*(8-3)+6*7\n"
    "72-42=30|30+5*(4+3)-2*(8-3)+6*7\n4+3=7|30+5*7-2*(8-3)+6*7\n5*7=35|30+35-2*(8-3)+6*7\n30+35=65|65-2*(8-3)+6*7\n"
    "8-3=5|65-2*5+6*7\n2*5=10|65-10+6*7\n65-10=55|55+6*7\n6*7=42|55+42\n55+42=97|97"
)
TEXTS = [
    "m",
    "make 24: 4 6 7 8\n",
    "make 24: 4 6 7 8\n8-6=2|2 4 7\n7*4=28|2 28\n28-2=26|26",
    "make 453: 14 17 10 75\n17+14=31|10 31 75\n",
    "compute (71+52)*11\n71+52=123|123*11\n123*11=1353|1353",
    "compute 7*8-6/3\n7*8=56|56-6/3\n6/3=2|56-2\n",
    "solve 3*(x-4)=2*x+5\n3*x-12=2*x+5\nx-12=5\nx=17",
    "solve -2*x+9=-31\n-2*x=-40\nx=20",
    "solve x+5=12\n~{|}`_^]\\[ @?><;:!\"#$%&'",
    LONG,
]


def rounded(tensor: torch.Tensor) -> list:
    return [float(f"{v:.7g}") if not isinstance(v, list) else [float(f"{x:.7g}") for x in v] for v in tensor.tolist()]


def _scores(tokens: list[int], values: torch.Tensor, policy, weights: dict) -> np.ndarray:
    """After each finished step, of the PRM's values at their ends and the policy's log-probabilities."""
    text = np.array(tokens)
    said = log_probabilities(lambda ids: policy(ids).logits, [text])[0]
    return with_confidence(values.sigmoid().numpy(), least_determined(text, said), weights)


def write_golden(folder: Path, target: Path, name: str) -> None:
    """Outputs for TEXTS, all positions; long texts keep only every 8th row and the last, listed in `positions`. For a PRM
    that is read with the policy's confidence also the `scores` after each finished step."""
    from transformers import AutoConfig, AutoTokenizer, LlamaForCausalLM, LlamaForTokenClassification

    config = AutoConfig.from_pretrained(folder)
    causal = config.architectures[0] == "LlamaForCausalLM"
    kind = LlamaForCausalLM if causal else LlamaForTokenClassification
    model = kind.from_pretrained(folder, torch_dtype=torch.float32, attn_implementation="eager").eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    weights = getattr(config, "policy_confidence", None)
    policy = weights and LlamaForCausalLM.from_pretrained(folder.parent / "policy", torch_dtype=torch.float32).eval()
    cases = []
    for text in TEXTS:
        tokens = tokenizer(text)["input_ids"]
        assert tokens == [vocab.BOS, *vocab.encode(text).tolist()], text
        with torch.no_grad():
            output = model(torch.tensor([tokens])).logits[0]
        case = {"text": text, "tokens": tokens}
        if causal:
            every = 1 if len(tokens) <= 100 else 8
            positions = sorted({*range(0, len(tokens), every), len(tokens) - 1})
            case |= {"positions": positions, "logits": rounded(output[positions])}
        else:
            case["values"] = rounded(output[:, 0])
            ends = [i for i, token in enumerate(tokens) if token == vocab.NEWLINE][1:]
            if weights and ends:
                case["scores"] = rounded(torch.from_numpy(_scores(tokens, output[ends, 0], policy, weights)))
        cases.append(case)
    target.parent.mkdir(parents=True, exist_ok=True)
    head = json.dumps({"model": name, "sha256": sha256(folder / "model.safetensors")})[:-1]
    body = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
    target.write_text(f'{head},"cases":[\n{body}\n]}}\n')
