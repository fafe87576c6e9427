"""Muon for the blocks' matrices, AdamW for the rest. Small models learn about twice as much per token this way."""

import torch
from torch import Tensor, nn


def orthogonalise(g: Tensor, rounds: int = 5) -> Tensor:
    """Newton–Schulz iteration towards the nearest semi-orthogonal matrix; batched [n, rows, columns]."""
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = g.shape[-2] > g.shape[-1]
    x = g.mT if tall else g
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(rounds):
        s = x @ x.mT
        x = a * x + (b * s + c * s @ s) @ x
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised per projection: fused qkv and gate_up weights are split first."""

    def __init__(self, named: list[tuple[str, nn.Parameter, int]], lr: float, momentum=0.95, weight_decay=0.01):
        super().__init__([p for _, p, _ in named], {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        self.parts = {p: parts for _, p, parts in named}

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            shapes: dict[tuple, list] = {}
            for p in group["params"]:
                state = self.state[p]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(p)
                m = state["momentum"].lerp_(p.grad, 1 - group["momentum"])
                update = p.grad.lerp(m, group["momentum"])
                for g, w in zip(update.chunk(self.parts[p]), p.chunk(self.parts[p])):
                    shapes.setdefault(tuple(g.shape), []).append((g, w))
            for (rows, columns), pairs in shapes.items():
                scale = group["lr"] * max(1.0, rows / columns) ** 0.5
                directions = orthogonalise(torch.stack([g for g, _ in pairs]))
                for direction, (_, w) in zip(directions, pairs):
                    w.mul_(1 - group["lr"] * group["weight_decay"]).add_(direction, alpha=-scale)


class Optimizers:
    """The two optimizers behind one schedule: `set_scale(s)` multiplies both learning rates."""

    def __init__(self, model: nn.Module, muon_lr: float, adam_lr: float):
        matrices, rest = [], []
        for name, p in model.named_parameters():
            if not p.requires_grad:
                continue
            if name.startswith("blocks.") and p.dim() == 2:
                parts = 2 if "gate_up" in name else 1
                if "qkv" in name and p.shape[0] == 3 * p.shape[1]:
                    parts = 3
                matrices.append((name, p, parts))
            else:
                rest.append(p)
        self.muon = Muon(matrices, muon_lr)
        self.adam = torch.optim.AdamW(rest, adam_lr, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
        self.base = (muon_lr, adam_lr)

    def set_scale(self, scale: float) -> None:
        for optimizer, lr in zip((self.muon, self.adam), self.base):
            for group in optimizer.param_groups:
                group["lr"] = lr * scale

    def step(self) -> None:
        self.muon.step()
        self.adam.step()
        self.muon.zero_grad(set_to_none=True)
        self.adam.zero_grad(set_to_none=True)

    def state_dict(self) -> dict:
        return {"muon": self.muon.state_dict(), "adam": self.adam.state_dict()}

    def load_state_dict(self, state: dict) -> None:
        self.muon.load_state_dict(state["muon"])
        self.adam.load_state_dict(state["adam"])
