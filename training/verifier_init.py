"""A verifier built on a policy: wider by one head and deeper by two blocks, begun so that it sees surprise.

A slip is a character the policy hardly expected (its lowest log-probability in a step separates right from wrong steps
with AUC .99 and more), but a verifier of the policy's own shape does not find that in 11 M tokens: what was expected sits
at the previous position, and after four blocks the stream has almost forgotten the character itself. So here
- 32 further dimensions carry a constant and a clean one-hot of the current character past the policy's blocks,
- head 2 of the first new block copies one huge fixed number from `<bos>` into an anchor dimension: from there on every
  position has the same root mean square, so norms no longer blur what is compared,
- head 0 of the first new block looks exactly one position back and copies the policy's 22 logits of step characters
  (a logit is a log-probability but for the normaliser: train with `--steady` first, so that it is the same everywhere),
- that block's feed-forward multiplies them by the one-hot: the expected-ness of the character, written to one dimension
  (newlines and the prompt, which the policy never learned to expect, count as expected),
- head 0 of the second new block attends to the least expected character so far and copies its expected-ness; head 1 does
  so among the last fifty or so, about a step: what was hard to expect long ago, but right, hides a slip that is new.
The policy's blocks and this circuit stay as they are; the rest of the new blocks is trained.
"""

from dataclasses import replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from . import vocab
from .llama import Llama, Shape
from .train import load_average

CHARACTERS = "0123456789+-*/=|() x\n"
TOKENS = [int(i) for i in vocab.encode(CHARACTERS)] + [vocab.EOS]
CONSTANT, ONE_HOT, SURPRISE = 0, 1, 1 + len(TOKENS)  # places among the further dimensions
STARTED, LEAST = SURPRISE + 1, SURPRISE + 2  # a newline has been seen; expected-ness of the least expected character
# One-hot of <bos>; the anchor; the least expected character near by; from FREE on open to learning.
BEGIN, ANCHOR, RECENT, FREE = LEAST + 1, LEAST + 2, LEAST + 3, LEAST + 4
NEWLINE = TOKENS.index(vocab.NEWLINE)
SEEK = 40.0  # sharpness of the heads that find a newline and <bos>
WEIGHT = 60.0  # the anchor's root mean square against the typical stream's
BIAS = 0.1  # norm weight of the anchor, which serves as a bias
UNIT = 0.2  # of the expected-ness, per logit
EXPECTED = 15.0  # expected-ness of a character that was sure; every nat of surprise takes one away
SURE = -0.05  # log-probability from which a character counts as sure
# The rotary pair (of period 628 in a head of 32) and strength by which head 1 prefers what is near: a surprise counts 0.1
# nats less after 10 characters, 2.7 after 50, 10 after 100.
NEAR, NEARNESS = 8, 250.0
GAIN = 2.0  # of the copied logits over what the stream itself has in the quiet directions
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
        # A base that is verifier and language model in one has a norm for each.
        for norm, known in ((model.tap_norm, old.tap_norm or old.norm), (model.norm, old.norm)):
            norm.weight.fill_(1.0)
            norm.weight[:d] = known.weight * ratio
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

    model.embed.weight[vocab.BOS, d + BEGIN] = size

    block, valid = model.blocks[model.tap], ids != vocab.PAD
    stream = model.hidden_and_tap(ids)[1][valid]
    typical = float(stream.pow(2).mean(-1).sqrt().median())
    normed = stream[:, :d] / stream.pow(2).mean(-1, keepdim=True).sqrt()
    quiet = torch.linalg.eigh(normed.T @ normed)[1][:, :c]  # [d, c]: directions the stream hardly uses

    # Look back: the constant, turned by one position; copy the logits into the quiet directions.
    block.norm1.weight.copy_(model.tap_norm.weight)
    block.norm1.weight[d:] = typical / size
    angle = 1.0 / s.theta ** (torch.arange(0, s.head_dim, 2) / s.head_dim)
    half, query, key, value = s.head_dim // 2, 0, s.dim, 2 * s.dim
    for start in (query, key, value):
        block.qkv.weight[start : start + 3 * s.head_dim].zero_()
    for i, amplitude in enumerate(AMPLITUDES):
        block.qkv.weight[query + i, const] = SHARPNESS
        block.qkv.weight[key + i, const] = SHARPNESS * amplitude * angle[i].cos()
        block.qkv.weight[key + half + i, const] = SHARPNESS * amplitude * angle[i].sin()
    block.qkv.weight[query + half - 1, const] = SHARPNESS
    block.qkv.weight[key + half - 1, const] = -SHARPNESS * LEVEL
    logits = model.embed.weight[TOKENS, :d]
    block.qkv.weight[value : value + c, :d] = GAIN * logits
    normaliser = float(F.linear(model.tap_norm(stream)[:, :d], model.embed.weight[:, :d]).logsumexp(-1).median())
    block.out.weight[:d, :c] = quiet * typical

    # The anchor. At <bos> the stream is always the same, so its normed one-hot is a fixed number.
    first = model.hidden_and_tap(torch.tensor([[vocab.BOS]]))[1][0, 0]
    fixed = typical / float(first.pow(2).mean().sqrt())
    _seek(block, s, 2, d + BEGIN)
    block.out.weight[d + ANCHOR, 2 * s.head_dim] = WEIGHT * typical * s.dim**0.5 / fixed

    def anchored(norm, inner) -> None:
        norm.weight[:d] = inner * WEIGHT
        norm.weight[d:] = WEIGHT * typical / size
        norm.weight[d + ANCHOR] = BIAS

    # Product: the one-hot opens one hidden unit, whose value is the logit that was copied for this character.
    anchored(block.norm2, 1.0)
    gate, up = block.gate_up.weight.chunk(2)
    gate[: c + 1].zero_()
    up[: c + 1].zero_()
    for place in range(c):
        gate[place, hot + place] = 3.0
        up[place, :d] = quiet[:, place] / GAIN
        up[place, const] = EXPECTED - normaliser
        block.down.weight[out, place] = size * UNIT / 2.858  # silu(3)
    up[NEWLINE].zero_()
    up[NEWLINE, const] = EXPECTED
    # Without a newline so far it is the prompt, which nobody expected: one unit makes up for that.
    _seek(block, s, 1, hot + NEWLINE)
    block.out.weight[d + STARTED, s.head_dim] = size
    gate[c, const], gate[c, d + STARTED], up[c, const] = 12.0, -36.0, 1.0
    block.down.weight[out, c] = 0.5 * size

    _even_out(model, ids, up, size)

    second = model.blocks[model.tap + 1]
    anchored(second.norm1, 1.0)
    anchored(second.norm2, 1.0)
    anchored(model.norm, model.norm.weight[:d].clone())
    _find_least(second, s, 0, LEAST, size)
    _find_least(second, s, 1, RECENT, size)
    start = s.head_dim + NEAR
    second.qkv.weight[start, const] = second.qkv.weight[s.dim + start, const] = NEARNESS**0.5


def _even_out(model: Llama, ids: Tensor, up: Tensor, size: float) -> None:
    """What each character leaves in the quiet directions by itself is taken off, so that a sure one reads EXPECTED."""
    s = model.shape
    d = s.dim - s.head_dim
    x = model.embed(ids)
    for block in model.blocks[: model.tap + 1]:
        x = block(x, model.cos[: ids.shape[1]], model.sin[: ids.shape[1]])
    seen = x[:, 1:, d + SURPRISE] / (size * UNIT)
    stream = model.tap_norm(model.hidden_and_tap(ids)[1])[:, :-1, :d]
    chance = F.linear(stream, model.embed.weight[:, :d]).log_softmax(-1).gather(2, ids[:, 1:, None])[..., 0]
    solution = (ids == vocab.NEWLINE).cumsum(1)[:, :-1] > 0
    for place, token in enumerate(TOKENS):
        sure = seen[(ids[:, 1:] == token) & solution & (chance > SURE)]
        if len(sure) and token != vocab.NEWLINE:
            up[place, s.dim - s.head_dim + CONSTANT] += EXPECTED - sure.mean()


def _seek(block, s: Shape, head: int, place: int) -> None:
    """Let a head attend, at any distance (slowest rotary pair), to positions where dimension `place` is set, and read it."""
    slow, row = s.head_dim // 2 - 1, head * s.head_dim
    block.qkv.weight[row + slow, s.dim - s.head_dim + CONSTANT] = SEEK
    block.qkv.weight[s.dim + row + slow, place] = SEEK
    block.qkv.weight[2 * s.dim + row, place] = 1.0


def _find_least(block, s: Shape, head: int, place: int, size: float) -> None:
    """Let a head attend to the least expected character, at any distance, and copy its expected-ness to `place`."""
    d, slow, row = s.dim - s.head_dim, s.head_dim // 2 - 1, head * s.head_dim
    for part in range(3):
        block.qkv.weight[part * s.dim + row : part * s.dim + row + s.head_dim].zero_()
    block.qkv.weight[row + slow, d + CONSTANT] = 8.0
    block.qkv.weight[s.dim + row + slow, d + SURPRISE] = -7.0
    block.qkv.weight[2 * s.dim + row, d + SURPRISE] = 1.0
    block.out.weight[d + place, row] = size


@torch.no_grad()
def protect(model: Llama) -> None:
    """`protected`: gradient masks (whole rows and columns, which Muon's directions preserve) that keep the policy's
    blocks and the circuit as they are."""
    s, masks = model.shape, {}
    d, heads, units = s.dim - s.head_dim, 3 * s.head_dim, len(TOKENS) + 1

    def mask(p: Tensor) -> Tensor:
        return masks.setdefault(p, torch.ones_like(p))

    block = model.blocks[model.tap]
    frozen = [model.embed.weight, model.tap_norm.weight, block.norm1.weight, block.norm2.weight]
    for part in range(3):
        mask(block.qkv.weight)[part * s.dim : part * s.dim + heads] = 0
    mask(block.out.weight)[:, :heads] = 0
    mask(block.out.weight)[d : d + FREE] = 0
    mask(block.gate_up.weight)[:units] = 0
    mask(block.gate_up.weight)[s.hidden : s.hidden + units] = 0
    mask(block.down.weight)[:, :units] = 0
    second = model.blocks[model.tap + 1]
    for part in range(3):
        mask(second.qkv.weight)[part * s.dim : part * s.dim + 2 * s.head_dim] = 0
    mask(second.out.weight)[:, : 2 * s.head_dim] = 0
    for weight in (block.down.weight, second.out.weight, second.down.weight):
        mask(weight)[d : d + FREE] = 0
    frozen.append(second.norm1.weight)
    model.protected = list(masks.items())
    # What is wholly frozen needs no gradient: the backward pass ends at the first new block.
    for p in frozen:
        p.requires_grad_(False)
    for old in model.blocks[: model.tap]:
        old.requires_grad_(False)


def verifier_from(path: Path, ids: Tensor, extra_layers: int = 2) -> Llama:
    """A verifier on the averaged weights of a checkpoint: of a policy, or of an earlier verifier, which was trained as a
    language model besides; its verdict is then kept beside the circuit's."""
    base = load_average(path)
    model = widen(base, extra_layers)
    begin(model, ids)
    d = base.shape.dim
    with torch.no_grad():
        model.score.weight[0, d + LEAST] = model.score.weight[0, d + RECENT] = 1.0
        model.score.bias.fill_(-3.0)
        if base.score is not None:
            seen = model.blocks[model.tap].out.weight[:d, : len(TOKENS)]
            quiet = seen / seen.norm(dim=0)
            verdict = base.score.weight[0] * base.norm.weight
            verdict = verdict - quiet @ (quiet.T @ verdict)
            model.score.weight[0, :d] = verdict / (model.norm.weight[:d] / WEIGHT)
            model.score.bias.add_(base.score.bias)
    protect(model)
    return model
