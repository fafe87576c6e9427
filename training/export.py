"""Write a model folder in the Hugging Face layout (float16 or int8 safetensors) and the manifest of public/models."""

import hashlib
import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from . import quantise, vocab
from .llama import Llama, Shape, parameters_of


def hf_config(model: Llama, bits: int = 16, confidence: dict | None = None) -> dict:
    s = model.shape
    config = {
        "architectures": ["LlamaForCausalLM" if model.score is None else "LlamaForTokenClassification"],
        "model_type": "llama",
        "vocab_size": s.vocab,
        "hidden_size": s.dim,
        "intermediate_size": s.hidden,
        "num_hidden_layers": s.layers,
        "num_attention_heads": s.heads,
        "num_key_value_heads": s.kv_heads,
        "head_dim": s.head_dim,
        "hidden_act": "silu",
        "max_position_embeddings": s.positions,
        "rms_norm_eps": s.eps,
        "rope_theta": s.theta,
        "rope_scaling": None,
        "attention_bias": False,
        "mlp_bias": False,
        "attention_dropout": 0.0,
        "pad_token_id": vocab.PAD,
        "bos_token_id": vocab.BOS,
        "eos_token_id": vocab.EOS,
        "tie_word_embeddings": True,
        "torch_dtype": "float16",
    }
    if model.score is not None:
        config |= {"num_labels": 1, "id2label": {"0": "value"}, "label2id": {"value": 0}, "classifier_dropout": 0.0}
    if bits == 8:
        config["quantization_config"] = quantise.config_of(model.score is not None)
    if confidence:
        config["policy_confidence"] = confidence
    return config


def hf_tensors(model: Llama, bits: int = 16) -> dict[str, torch.Tensor]:
    """Float16 tensors under Hugging Face names; with 8 bits the matrices of the blocks as I8, each with its scales."""
    s, out = model.shape, {}
    out["model.embed_tokens.weight"] = model.embed.weight
    for i, block in enumerate(model.blocks):
        base = f"model.layers.{i}."
        q, k, v = block.qkv.weight.split([s.heads * s.head_dim, s.kv_heads * s.head_dim, s.kv_heads * s.head_dim])
        gate, up = block.gate_up.weight.chunk(2)
        out |= {
            base + "input_layernorm.weight": block.norm1.weight,
            base + "self_attn.q_proj.weight": q,
            base + "self_attn.k_proj.weight": k,
            base + "self_attn.v_proj.weight": v,
            base + "self_attn.o_proj.weight": block.out.weight,
            base + "post_attention_layernorm.weight": block.norm2.weight,
            base + "mlp.gate_proj.weight": gate,
            base + "mlp.up_proj.weight": up,
            base + "mlp.down_proj.weight": block.down.weight,
        }
    out["model.norm.weight"] = model.norm.weight
    if model.score is not None:
        out |= {"score.weight": model.score.weight, "score.bias": model.score.bias}
    if bits == 8:
        for name in [name for name in out if name.endswith("_proj.weight")]:
            out[name], out[f"{name}_scale"] = quantise.quantise(out[name])
    return {
        name: (t if t.dtype == torch.int8 else t.detach().to(torch.float16)).contiguous().clone() for name, t in out.items()
    }


def write_model(model: Llama, folder: Path, bits: int = 8, confidence: dict | None = None) -> None:
    """`bits`: 16 for float16, 8 for int8 matrices. `confidence`: weights of the policy's log-probabilities beside a PRM."""
    folder.mkdir(parents=True, exist_ok=True)
    vocab.write(folder)
    (folder / "config.json").write_text(json.dumps(hf_config(model, bits, confidence), indent=1) + "\n")
    temporary = folder / "model.safetensors.part"
    save_file(hf_tensors(model, bits), temporary, metadata={"format": "pt"})
    temporary.chmod(0o644)
    temporary.replace(folder / "model.safetensors")


def read_model(folder: Path) -> Llama:
    """The model of an exported folder, of either format, to train on from published weights."""
    c = json.loads((folder / "config.json").read_text())
    shape = Shape(
        dim=c["hidden_size"], layers=c["num_hidden_layers"], heads=c["num_attention_heads"],
        kv_heads=c["num_key_value_heads"], hidden=c["intermediate_size"], theta=c["rope_theta"], eps=c["rms_norm_eps"],
    )  # fmt: skip
    t = quantise.dequantise(load_file(folder / "model.safetensors"))
    model = Llama(shape, "score.weight" in t)
    state = {"embed.weight": t["model.embed_tokens.weight"], "norm.weight": t["model.norm.weight"]}
    for i in range(shape.layers):
        a, b = f"model.layers.{i}.", f"blocks.{i}."
        state[b + "norm1.weight"] = t[a + "input_layernorm.weight"]
        state[b + "norm2.weight"] = t[a + "post_attention_layernorm.weight"]
        state[b + "qkv.weight"] = torch.cat([t[a + f"self_attn.{n}_proj.weight"] for n in "qkv"])
        state[b + "out.weight"] = t[a + "self_attn.o_proj.weight"]
        state[b + "gate_up.weight"] = torch.cat([t[a + f"mlp.{n}_proj.weight"] for n in ("gate", "up")])
        state[b + "down.weight"] = t[a + "mlp.down_proj.weight"]
    if model.score is not None:
        state |= {"score.weight": t["score.weight"], "score.bias": t["score.bias"]}
        state["tap_norm.weight"] = state["norm.weight"]
    model.load_state_dict(state)
    return model


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_manifest(root: Path, labels: dict[str, str], parameters: dict[str, int] | None = None) -> None:
    """Rewrite manifest.json from the model folders below `root`; `labels` also sets their order."""
    models = []
    for role, label in labels.items():
        folder = root / role
        if not (folder / "model.safetensors").exists():
            continue
        names = ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"]
        files = [
            {"path": f"{role}/{n}", "bytes": (folder / n).stat().st_size, "sha256": sha256(folder / n)} for n in names
        ]
        models.append(
            {"id": role, "role": role, "label": label, "parameters": count_parameters(folder), "files": files}
        )
    (root / "manifest.json").write_text(json.dumps({"version": 1, "models": models}, indent=1) + "\n")


def count_parameters(folder: Path) -> int:
    """Without the scales of int8 matrices."""
    header = (folder / "model.safetensors").read_bytes()
    size = int.from_bytes(header[:8], "little")
    tensors = json.loads(header[8 : 8 + size])
    total = 0
    for name, tensor in tensors.items():
        if name != "__metadata__" and not name.endswith("_scale"):
            count = 1
            for n in tensor["shape"]:
                count *= n
            total += count
    return total


__all__ = ["hf_config", "hf_tensors", "write_model", "write_manifest", "sha256", "parameters_of"]
