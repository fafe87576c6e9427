"""Larger models that begin as the function of a smaller one, so that its training is not paid for twice.

Depth: further blocks whose outputs are zero. Width: every dimension, head and hidden unit twice (Chen et al. 2015,
Net2Net), with a little noise so that the twins can part.
"""

from dataclasses import replace

import torch

from .llama import Llama

NOISE = 0.02  # of a matrix's own standard deviation


@torch.no_grad()
def deepen(old: Llama, further: int) -> Llama:
    """The same function with `further` blocks at the end."""
    new = Llama(replace(old.shape, layers=old.shape.layers + further))
    for block in new.blocks:
        block.out.weight.zero_()
        block.down.weight.zero_()
    new.load_state_dict(old.state_dict(), strict=False)
    return new


@torch.no_grad()
def double_width(old: Llama, seed: int = 0) -> Llama:
    """The same function, up to the noise, in a stream of twice the dimensions with twice the heads of the same size."""
    torch.manual_seed(seed)
    s = old.shape
    new = Llama(replace(s, dim=2 * s.dim, heads=2 * s.heads, kv_heads=2 * s.kv_heads, hidden=2 * s.hidden))

    def twice(w: torch.Tensor) -> torch.Tensor:
        # Inputs come twice, so each half carries half the weight.
        big = torch.cat([torch.cat([w, w], 1), torch.cat([w, w], 1)], 0) / 2
        return big + NOISE * w.std() * torch.randn_like(big)

    new.embed.weight.copy_(torch.cat([old.embed.weight] * 2, 1))
    new.norm.weight.copy_(torch.cat([old.norm.weight] * 2) / 2)  # tied: the logits sum both halves
    for a, b in zip(new.blocks, old.blocks):
        a.norm1.weight.copy_(torch.cat([b.norm1.weight] * 2))
        a.norm2.weight.copy_(torch.cat([b.norm2.weight] * 2))
        a.qkv.weight.copy_(torch.cat([twice(w) for w in b.qkv.weight.chunk(3)]))
        a.gate_up.weight.copy_(torch.cat([twice(w) for w in b.gate_up.weight.chunk(2)]))
        a.out.weight.copy_(twice(b.out.weight))
        a.down.weight.copy_(twice(b.down.weight))
    return new
