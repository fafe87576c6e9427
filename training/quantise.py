"""Weight-only int8 in the `compressed-tensors` convention ("int-quantized", one symmetric scale per output row).

The matrices of the blocks become I8 `[out, in]` beside a float16 `weight_scale` `[out, 1]`; embedding, norms and heads
stay float16. `transformers` with the package `compressed-tensors` loads such a folder unchanged.
"""

import torch
from torch import Tensor

MOST = 127
# Four significant bits of scale times seven of value fit the eleven of float16: a dequantised weight is one of its numbers.
MANTISSAS = range(8, 17)
SMALLEST_SCALE = 2.0**-14


def config_of(value_head: bool) -> dict:
    """`quantization_config` of config.json."""
    weights = {"num_bits": 8, "type": "int", "symmetric": True, "strategy": "channel", "dynamic": False, "observer": "mse"}
    group = {"targets": ["Linear"], "weights": weights, "input_activations": None, "output_activations": None}
    return {
        "quant_method": "compressed-tensors",
        "format": "int-quantized",
        "quantization_status": "compressed",
        "config_groups": {"group_0": group},
        "ignore": ["score" if value_head else "lm_head"],
        "kv_cache_scheme": None,
    }


def quantise(weight: Tensor) -> tuple[Tensor, Tensor]:
    """I8 `[out, in]` and float16 scales `[out, 1]`: of the scales around the one that reaches the row's largest weight
    the one with the least squared error, which may cut that weight off."""
    weight = weight.detach().float()
    widest = (weight.abs().amax(1, keepdim=True) / MOST).clamp_min(SMALLEST_SCALE)
    unit = torch.exp2(torch.floor(torch.log2(widest)) - 3)
    best, best_error = widest, torch.full_like(widest, torch.inf)
    for mantissa in MANTISSAS:
        scale = (unit * mantissa).clamp_min(SMALLEST_SCALE)
        error = (levels(weight, scale) * scale - weight).square().sum(1, keepdim=True)
        best = torch.where(error < best_error, scale, best)
        best_error = torch.minimum(error, best_error)
    return levels(weight, best).to(torch.int8), best.to(torch.float16)


def levels(weight: Tensor, scale: Tensor) -> Tensor:
    return torch.round(weight / scale).clamp(-MOST, MOST)


def dequantise(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Float32 tensors; pairs of I8 weight and scale become one."""
    return {
        name: t.float() * tensors[f"{name}_scale"].float() if t.dtype == torch.int8 else t.float()
        for name, t in tensors.items()
        if not name.endswith("_scale")
    }
