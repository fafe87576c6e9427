"""Random tiny models that the engine's tests load: test/fixtures/tiny-llama, tiny-prm and tiny-int8, with golden values."""

from pathlib import Path

import torch

from .export import write_model
from .golden import write_golden
from .llama import SHAPES, Llama


def build(value_head: bool) -> Llama:
    torch.manual_seed(7)
    model = Llama(SHAPES["tiny"], value_head)
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.copy_(1 + 0.2 * torch.randn_like(p) if "norm" in name else torch.randn_like(p) * (0.3 if p.dim() > 1 else 0.1))
    return model


def write_tiny(fixtures: Path) -> None:
    for name, value_head, bits in (("tiny-llama", False, 16), ("tiny-prm", True, 16), ("tiny-int8", True, 8)):
        write_model(build(value_head), fixtures / name, bits)
        write_golden(fixtures / name, fixtures / "golden" / f"{name}.json", name)
