"""PRM beam search in Python, to choose between verifiers while training. The program's own `eval` is the reference."""

from collections import Counter

import numpy as np

from . import vocab
from .problems import answer_key, grade
from .sampler import Sampler, split_solution
from .verify import score_all

ROUNDS = 40


def beam_search(policy, prm, prefixes: list[np.ndarray], beams: int, width: int, seed: int) -> list[float]:
    """Per problem 1 or 0: weighted selection over N finished beams; keep N/M distinct, merge duplicates."""
    sampler = Sampler(policy, rows=192)
    live: list[list[np.ndarray]] = [[p] * beams for p in prefixes]
    done: list[list[tuple[np.ndarray, float, int]]] = [[] for _ in prefixes]
    for round in range(ROUNDS):
        flat = [(i, prefix) for i, group in enumerate(live) for prefix in group]
        if not flat:
            break
        grown = sampler.generate([p for _, p in flat], seed * 1000 + round, 1.0, one_step=True)
        merged: list[Counter] = [Counter() for _ in prefixes]
        for (i, _), tokens in zip(flat, grown):
            merged[i][tokens.tobytes()] += 1
        unique = [(i, np.frombuffer(t, np.uint8), c) for i, counter in enumerate(merged) for t, c in counter.items()]
        scores = [float(s[-1]) for s in score_all(prm, [t for _, t, _ in unique])]
        live = [[] for _ in prefixes]
        for i in range(len(prefixes)):
            ranked = sorted(((s, t, c) for (j, t, c), s in zip(unique, scores) if j == i), key=lambda x: -x[0])
            finished_before = sum(c for _, _, c in done[i])
            places = max(1, (beams - finished_before) // width) if beams > finished_before else 0
            kept = ranked[:places]
            open_kept = []
            for s, t, c in kept:
                if t[-1] == vocab.EOS or len(t) >= sampler.length - 1:
                    done[i].append((t, s, width))
                else:
                    open_kept.append(t)
            room = beams - sum(c for _, _, c in done[i])
            if open_kept and room > 0:
                live[i] = [open_kept[k % len(open_kept)] for k in range(room)]
    return [_choose(d) for d in done]


def _choose(finished: list[tuple[np.ndarray, float, int]]) -> float:
    votes: dict = {}
    for tokens, score, count in finished:
        prompt, steps, ended = split_solution(tokens)
        key = answer_key(prompt, steps)
        if key is None or not ended:
            continue
        total, _ = votes.get(key, (0.0, False))
        votes[key] = (total + score * count, grade(prompt, steps))
    return float(max(votes.values(), key=lambda v: v[0])[1]) if votes else 0.0
