"""Batched sampling from a model with a KV cache: a fixed number of rows, refilled as sequences end."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from . import vocab
from .llama import Llama, rotate


class Sampler:
    """Rows advance one token a step; a row's prefix is fed as forced tokens, so refilling needs no separate prefill."""

    def __init__(self, model: Llama, rows: int = 128, length: int = 432):
        s = model.shape
        self.model, self.rows, self.length = model.eval(), rows, length
        self.keys = [torch.zeros(rows, s.kv_heads, length, s.head_dim) for _ in range(s.layers)]
        self.values = [torch.zeros_like(k) for k in self.keys]

    def step(self, tokens: Tensor, positions: Tensor, width: int) -> Tensor:
        """Hidden states [rows, dim] after feeding one token a row; `width` = highest position + 1."""
        m, s, n = self.model, self.model.shape, len(tokens)
        x = m.embed(tokens)
        cos, sin = m.cos[positions][:, None, :], m.sin[positions][:, None, :]
        index = torch.arange(n)
        mask = (torch.arange(width)[None, :] <= positions[:, None])[:, None, None, :]
        bias = torch.zeros(n, 1, 1, width).masked_fill_(~mask, -1e30)
        for block, keys, values in zip(m.blocks, self.keys, self.values):
            qkv = block.qkv(block.norm1(x)).view(n, s.heads + 2 * s.kv_heads, s.head_dim)
            q, k, v = qkv.split([s.heads, s.kv_heads, s.kv_heads], 1)
            keys[index, :, positions] = rotate(k, cos, sin)
            values[index, :, positions] = v
            k, v = keys[:n, :, :width], values[:n, :, :width]
            q = rotate(q, cos, sin).unsqueeze(2)
            repeat = s.heads // s.kv_heads
            if repeat > 1:
                k, v = k.repeat_interleave(repeat, 1), v.repeat_interleave(repeat, 1)
            weights = torch.softmax((q @ k.mT) * s.head_dim**-0.5 + bias, -1)
            x = x + block.out((weights @ v).reshape(n, -1))
            gate, up = block.gate_up(block.norm2(x)).chunk(2, -1)
            x = x + block.down(F.silu(gate) * up)
        return m.norm(x)

    @torch.inference_mode()
    def generate(
        self, prefixes: list[np.ndarray], seed: int, temperature: float = 1.0, one_step: bool = False, most_new: int | None = None
    ) -> list[np.ndarray]:
        """A completed token sequence per prefix (with `<eos>`, or cut at the maximal length); with `one_step` up to the
        next terminator only; `most_new` limits the tokens added. Temperature 0 is greedy."""
        random = torch.Generator().manual_seed(seed)
        results: list = [None] * len(prefixes)
        queue = sorted(range(len(prefixes)), key=lambda i: len(prefixes[i]))[::-1]
        n = min(self.rows, len(queue))
        buffer = np.zeros((n, self.length), np.int64)
        forced, owner = np.zeros(n, np.int64), np.full(n, -1)
        position = np.zeros(n, np.int64)

        def fill(row: int) -> None:
            owner[row] = queue.pop() if queue else -1
            if owner[row] >= 0:
                prefix = prefixes[owner[row]]
                buffer[row, : len(prefix)] = prefix
                forced[row], position[row] = len(prefix), 0
            else:
                position[row], forced[row] = 0, 1

        for row in range(n):
            fill(row)
        arange = np.arange(n)
        while (owner >= 0).any():
            hidden = self.step(
                torch.from_numpy(buffer[arange, position]), torch.from_numpy(position), int(position.max()) + 1
            )
            logits = self.model.head(hidden)
            logits[:, [vocab.PAD, vocab.BOS, vocab.UNK, vocab.ATTEMPT]] = -1e30
            if temperature == 0:
                drawn = logits.argmax(-1)
            else:
                noise = torch.empty_like(logits).exponential_(generator=random)
                drawn = (torch.softmax(logits / temperature, -1) / noise).argmax(-1)
            drawn = drawn.numpy()
            position += 1
            free = position >= forced
            buffer[arange[free], position[free]] = drawn[free]
            ended = free & ((drawn == vocab.EOS) | (position >= self.length - 1) | (one_step & (drawn == vocab.NEWLINE)))
            if most_new is not None:
                ended |= free & (position >= forced + most_new)
            for row in np.flatnonzero(ended & (owner >= 0)):
                results[owner[row]] = buffer[row, : position[row] + 1].astype(np.uint8)
                fill(row)
            position[owner < 0] = 0
        return results


def prompt_tokens(prompt: str) -> np.ndarray:
    return np.concatenate([[vocab.BOS], vocab.encode(prompt + "\n")])


def split_solution(tokens: np.ndarray) -> tuple[str, list[str], bool]:
    """(prompt, steps, finished) of a sampled sequence."""
    prompt, *steps = vocab.decode(tokens).split("\n")
    return prompt, steps, bool(tokens[-1] == vocab.EOS)
