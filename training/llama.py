"""The Llama decoder used for training: fused projections, packed for speed. Export renames to Hugging Face keys."""

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import vocab


@dataclass(frozen=True)
class Shape:
    dim: int = 128
    layers: int = 4
    heads: int = 4
    kv_heads: int = 4
    hidden: int = 352
    vocab: int = vocab.SIZE
    positions: int = 1024
    theta: float = 10000.0
    eps: float = 1e-5

    @property
    def head_dim(self) -> int:
        return self.dim // self.heads

    def to_dict(self) -> dict:
        return asdict(self)


SHAPES = {
    "small": Shape(),
    "verifier": Shape(dim=160, layers=4, heads=5, kv_heads=5, hidden=432),
    "large": Shape(dim=256, layers=4, heads=8, kv_heads=8, hidden=704),
    "tiny": Shape(dim=32, layers=2, heads=4, kv_heads=2, hidden=48),
}


def rotary(shape: Shape, device) -> tuple[Tensor, Tensor]:
    """cos and sin, [positions, head_dim], halves repeated as Hugging Face does."""
    half = torch.arange(0, shape.head_dim, 2, dtype=torch.float32, device=device) / shape.head_dim
    angle = torch.outer(torch.arange(shape.positions, dtype=torch.float32, device=device), 1.0 / shape.theta**half)
    return torch.cat([angle.cos()] * 2, -1), torch.cat([angle.sin()] * 2, -1)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat((-b, a), -1) * sin


class Block(nn.Module):
    def __init__(self, s: Shape):
        super().__init__()
        self.s = s
        self.norm1 = nn.RMSNorm(s.dim, eps=s.eps)
        self.norm2 = nn.RMSNorm(s.dim, eps=s.eps)
        self.qkv = nn.Linear(s.dim, (s.heads + 2 * s.kv_heads) * s.head_dim, bias=False)
        self.out = nn.Linear(s.heads * s.head_dim, s.dim, bias=False)
        self.gate_up = nn.Linear(s.dim, 2 * s.hidden, bias=False)
        self.down = nn.Linear(s.hidden, s.dim, bias=False)

    def attend(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        s, (rows, length, _) = self.s, x.shape
        qkv = self.qkv(x).view(rows, length, s.heads + 2 * s.kv_heads, s.head_dim).transpose(1, 2)
        q, k, v = qkv.split([s.heads, s.kv_heads, s.kv_heads], 1)
        q, k = rotate(q, cos, sin).to(x.dtype), rotate(k, cos, sin).to(x.dtype)
        repeat = s.heads // s.kv_heads
        if repeat > 1:
            k, v = k.repeat_interleave(repeat, 1), v.repeat_interleave(repeat, 1)
        # Written out: PyTorch's fused attention took over half of a training step on the CPU, mostly its backward pass.
        causal = torch.ones(length, length, dtype=torch.bool, device=x.device).tril()
        scores = ((q @ k.mT).float() * s.head_dim**-0.5).masked_fill(~causal, float("-inf"))
        y = torch.softmax(scores, -1).to(x.dtype) @ v
        return self.out(y.transpose(1, 2).reshape(rows, length, -1))

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        x = x + self.attend(self.norm1(x), cos, sin)
        gate, up = self.gate_up(self.norm2(x)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


class Llama(nn.Module):
    """Decoder with tied embeddings; with `value_head` a one-number output per position instead of logits."""

    def __init__(self, shape: Shape, value_head: bool = False, tap: int | None = None):
        super().__init__()
        self.shape = shape
        self.embed = nn.Embedding(shape.vocab, shape.dim)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.RMSNorm(shape.dim, eps=shape.eps)
        self.score = nn.Linear(shape.dim, 1) if value_head else None
        # Only for the verifier's language-modelling aid: reads the stream where the policy ended. Not exported.
        self.tap = min(tap or shape.layers, shape.layers)
        self.tap_norm = nn.RMSNorm(shape.dim, eps=shape.eps) if value_head else None
        cos, sin = rotary(shape, "cpu")
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self._initialise()

    def _initialise(self) -> None:
        nn.init.normal_(self.embed.weight, std=self.shape.dim**-0.5)
        for block in self.blocks:
            for name, linear in (("qkv", block.qkv), ("gate_up", block.gate_up), ("out", block.out), ("down", block.down)):
                scale = (2 * self.shape.layers) ** -0.5 if name in ("out", "down") else 1.0
                nn.init.normal_(linear.weight, std=scale * linear.in_features**-0.5 * 0.7)
        if self.score is not None:
            nn.init.zeros_(self.score.weight)
            nn.init.zeros_(self.score.bias)

    def hidden(self, ids: Tensor) -> Tensor:
        """Normed hidden states [rows, length, dim] of a right-padded batch."""
        return self.hidden_and_tap(ids)[0]

    def hidden_and_tap(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Normed hidden states and the raw stream after `tap` blocks."""
        length = ids.shape[1]
        x, cos, sin = self.embed(ids), self.cos[:length], self.sin[:length]
        tapped = x
        for i, block in enumerate(self.blocks):
            x = block(x, cos, sin)
            if i + 1 == self.tap:
                tapped = x
        return self.norm(x), tapped

    def forward(self, ids: Tensor) -> Tensor:
        """Logits [rows, length, vocab], or raw scores [rows, length] with a value head."""
        return self.head(self.hidden(ids))

    def head(self, hidden: Tensor) -> Tensor:
        return F.linear(hidden, self.embed.weight) if self.score is None else self.score(hidden).squeeze(-1)


def with_value_head(base: Llama) -> Llama:
    """A verifier on a base's weights, of the same shape; a verifier is returned as it is."""
    if base.score is not None:
        return base
    model = Llama(base.shape, True)
    model.load_state_dict(base.state_dict(), strict=False)
    model.tap_norm.load_state_dict(base.norm.state_dict())
    return model


def without_value_head(base: Llama) -> Llama:
    """The language model inside a verifier that was trained as both (`--language`), of the same shape; a language model
    is returned as it is."""
    if base.score is None:
        return base
    if base.tap < base.shape.layers:
        raise ValueError("The language model of this verifier ends before its last block; begin with the run it was built on.")
    model = Llama(base.shape)
    model.load_state_dict({k: v for k, v in base.state_dict().items() if not k.startswith(("score", "tap_norm", "norm"))}, strict=False)
    model.norm.load_state_dict(base.tap_norm.state_dict())
    return model


def parameters_of(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())
