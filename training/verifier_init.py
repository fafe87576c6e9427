"""A verifier built on a policy: wider by one head and deeper by two blocks, begun so that it sees surprise.

A slip is a character the policy hardly expected (its lowest log-probability in a step separates right from wrong steps
with AUC .99 and more), but a verifier of the policy's own shape does not find that in 11 M tokens: what was expected sits
at the previous position, and after four blocks the stream has almost forgotten the character itself. So here
- 32 further dimensions carry a constant and a clean one-hot of the current character past the policy's blocks,
- head 0 of the first new block looks exactly one position back and copies the policy's 22 logits of step characters,
- that block's feed-forward multiplies them by the one-hot: the expected-ness of the character, written to one dimension
  (newlines and the prompt, which the policy never learned to expect, count as expected),
- head 0 of the second new block attends to the least expected character so far and copies its expected-ness.
The policy's blocks and this circuit stay as they are; the rest of the new blocks is trained.
"""

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from . import vocab
from .llama import Llama, Shape

CHARACTERS = "0123456789+-*/=|() x\n"
TOKENS = [int(i) for i in vocab.encode(CHARACTERS)] + [vocab.EOS]
CONSTANT, ONE_HOT, SURPRISE = 0, 1, 1 + len(TOKENS)  # places among the further dimensions
STARTED, LEAST = SURPRISE + 1, SURPRISE + 2  # a newline has been seen; expected-ness of the least expected character
NEWLINE = TOKENS.index(vocab.NEWLINE)
SEEK = 16.0  # sharpness of the head that finds a newline
SHARE = 0.3  # length of the constant relative to an embedding: small, so that the policy's norms hardly notice
# Look back by one: amplitudes of the fastest rotary pairs, chosen (maximin over distances 0..431) so that their sum of
# cosines peaks at distance 1 by at least .28; the slowest pair subtracts LEVEL, so that every other distance is below 0
# and loses whatever the length of its key.
AMPLITUDES = (0.596, 0.064, 0.077, 0.062, 0.066, 0.034, 0.018, 0.005, 0.078)
LEVEL, SHARPNESS = 0.72, 20.0


def widen(old: Llama, extra_layers: int) -> Llama:
    """The policy's function in a stream of dim + head_dim, with `extra_layers` blocks that add nothing yet."""
    s = old.shape
    wide = replace(s, dim=s.dim + s.head_dim, heads=s.heads + 1, kv_heads=s.kv_heads + 1, layers=s.layers + extra_layers)
    model = Llama(wide, True, tap=s.layers)
    d, ratio = s.dim, (s.dim / wide.dim) ** 0.5
    with torch.no_grad():
        model.embed.weight.zero_()
        model.embed.weight[:, :d] = old.embed.weight
        for new, block in zip(model.blocks, old.blocks):
            for name in ("norm1", "norm2"):
                getattr(new, name).weight.fill_(1.0)
                getattr(new, name).weight[:d] = getattr(block, name).weight * ratio
            new.qkv.weight.zero_()
            new.out.weight.zero_()
            new.gate_up.weight.zero_()
            new.down.weight.zero_()
            for part in range(3):
                new.qkv.weight[part * wide.dim : part * wide.dim + d, :d] = block.qkv.weight[part * d : (part + 1) * d]
            new.out.weight[:d, :d] = block.out.weight
            new.gate_up.weight[:, :d] = block.gate_up.weight
            new.down.weight[:d] = block.down.weight
        for block in model.blocks[s.layers :]:
            block.out.weight.zero_()
            block.down.weight.zero_()
        for norm in (model.tap_norm, model.norm):
            norm.weight.fill_(1.0)
            norm.weight[:d] = old.norm.weight * ratio
    return model


@torch.no_grad()
def begin(model: Llama, ids: Tensor) -> None:
    """Set the surprise circuit of the first new block; `ids` [rows, length] are examples to measure scales on."""
    s = model.shape
    d, c = s.dim - s.head_dim, len(TOKENS)
    const, hot, out = d + CONSTANT, d + ONE_HOT, d + SURPRISE
    size = SHARE * float(model.embed.weight[TOKENS, :d].norm(dim=-1).median())
    model.embed.weight[:, const] = size
    for place, token in enumerate(TOKENS):
        model.embed.weight[token, hot + place] = size

    block, valid = model.blocks[model.tap], ids != vocab.PAD
    stream = model.hidden_and_tap(ids)[1][valid]
    typical = float(stream.pow(2).mean(-1).sqrt().median())
    normed = stream[:, :d] / stream.pow(2).mean(-1, keepdim=True).sqrt()
    quiet = torch.linalg.eigh(normed.T @ normed)[1][:, :c]  # [d, c]: directions the stream hardly uses

    # Look back: the constant, turned by one position; copy centred logits into the quiet directions.
    block.norm1.weight.copy_(model.tap_norm.weight)
    block.norm1.weight[d:] = typical / size
    angle = 1.0 / s.theta ** (torch.arange(0, s.head_dim, 2) / s.head_dim)
    half, query, key, value = s.head_dim // 2, 0, s.dim, 2 * s.dim
    block.qkv.weight[query : query + s.head_dim].zero_()
    block.qkv.weight[key : key + s.head_dim].zero_()
    block.qkv.weight[value : value + s.head_dim].zero_()
    for i, amplitude in enumerate(AMPLITUDES):
        block.qkv.weight[query + i, const] = SHARPNESS
        block.qkv.weight[key + i, const] = SHARPNESS * amplitude * angle[i].cos()
        block.qkv.weight[key + half + i, const] = SHARPNESS * amplitude * angle[i].sin()
    block.qkv.weight[query + half - 1, const] = SHARPNESS
    block.qkv.weight[key + half - 1, const] = -SHARPNESS * LEVEL
    logits = model.embed.weight[TOKENS, :d]
    block.qkv.weight[value : value + c, :d] = logits - logits.mean(0)
    gain = typical * 0.3
    block.out.weight[:d, :c] = quiet * gain

    # Product: the one-hot opens one hidden unit, whose value is the logit that was copied for this character.
    block.norm2.weight[:d] = 1.0
    block.norm2.weight[d:] = typical / size
    gate, up = block.gate_up.weight.chunk(2)
    gate[:c].zero_()
    up[:c].zero_()
    for place in range(c):
        gate[place, hot + place] = 3.0
        up[place, :d] = quiet[:, place]
        block.down.weight[out, place] = size * 0.3
    up[NEWLINE].zero_()
    up[NEWLINE, const] = 4.0
    _excuse_prompt(block, s, size)
    for later in (*model.blocks[model.tap + 1 :],):
        later.norm1.weight[d:] = typical / size
        later.norm2.weight[d:] = typical / size
    model.norm.weight[d:] = typical / size
    _find_least(model.blocks[model.tap + 1], s, size)


def _excuse_prompt(block, s: Shape, size: float) -> None:
    """Head 1 looks for any newline (slowest rotary pair, so anywhere); one unit adds expected-ness where there is none."""
    d, h, slow = s.dim - s.head_dim, s.head_dim, s.head_dim // 2 - 1
    for part in range(3):
        block.qkv.weight[part * s.dim + h : part * s.dim + 2 * h].zero_()
    block.qkv.weight[h + slow, d + CONSTANT] = SEEK
    block.qkv.weight[s.dim + h + slow, d + ONE_HOT + NEWLINE] = SEEK
    block.qkv.weight[2 * s.dim + h, d + ONE_HOT + NEWLINE] = 1.0
    block.out.weight[d + STARTED, h] = size
    gate, up = block.gate_up.weight.chunk(2)
    unit = len(TOKENS)
    gate[unit].zero_()
    up[unit].zero_()
    gate[unit, d + CONSTANT], gate[unit, d + STARTED] = 12.0, -36.0
    up[unit, d + CONSTANT] = 1.0
    block.down.weight[d + SURPRISE, unit] = 0.8 * size


def _find_least(block, s: Shape, size: float) -> None:
    d, slow = s.dim - s.head_dim, s.head_dim // 2 - 1
    for part in range(3):
        block.qkv.weight[part * s.dim : part * s.dim + s.head_dim].zero_()
    block.qkv.weight[slow, d + CONSTANT] = 8.0
    block.qkv.weight[s.dim + slow, d + SURPRISE] = -1.4
    block.qkv.weight[2 * s.dim, d + SURPRISE] = 1.0
    block.out.weight[d + LEAST, 0] = size


@torch.no_grad()
def protect(model: Llama) -> None:
    """`protected`: gradient masks (whole rows and columns, which Muon's directions preserve) that keep the policy's
    blocks and the circuit as they are."""
    s, masks = model.shape, {}
    d, heads, units = s.dim - s.head_dim, 2 * s.head_dim, len(TOKENS) + 1

    def mask(p: Tensor) -> Tensor:
        return masks.setdefault(p, torch.ones_like(p))

    block = model.blocks[model.tap]
    frozen = [model.embed.weight, model.tap_norm.weight, block.norm1.weight, block.norm2.weight]
    for p in (*frozen, *(p for old in model.blocks[: model.tap] for p in old.parameters())):
        mask(p).zero_()
    for part in range(3):
        mask(block.qkv.weight)[part * s.dim : part * s.dim + heads] = 0
    mask(block.out.weight)[:, :heads] = 0
    mask(block.out.weight)[d:] = 0
    mask(block.gate_up.weight)[:units] = 0
    mask(block.gate_up.weight)[s.hidden : s.hidden + units] = 0
    mask(block.down.weight)[:, :units] = 0
    model.protected = list(masks.items())


def verifier_from(path: Path, ids: Tensor, extra_layers: int = 2) -> Llama:
    """A verifier on the averaged weights of a policy checkpoint."""
    state = torch.load(path, map_location="cpu")
    policy = Llama(Shape(**state["shape"]))
    policy.load_state_dict(state["average"], strict=False)
    model = widen(policy, extra_layers)
    begin(model, ids)
    model.score.weight.data[0, policy.shape.dim + LEAST] = 0.5
    protect(model)
    return model
