"""Figures of a reviser: accuracy along chains, right answers turned wrong, sequential against parallel with the ORM."""

from random import Random

import numpy as np
import torch

from . import vocab
from .problems import answer_key, grade, sample
from .revision_data import HISTORY, LONGEST
from .sampler import Sampler, prompt_tokens, split_solution
from .verify import auc

LENGTH = LONGEST + 416  # tokens of history and one more attempt


def chain_prefix(prompt: np.ndarray, attempts: list[np.ndarray]) -> np.ndarray:
    """What the reviser reads: the prompt and the last attempts, each behind its mark, and a mark to write after."""
    parts = [prompt]
    for attempt in attempts[-HISTORY:]:
        parts += [[vocab.ATTEMPT], attempt]
    return np.concatenate([*parts, [vocab.ATTEMPT]]).astype(np.uint8)


def draw_chains(reviser, problems: list[str], chains: int, length: int, seed: int, orm=None) -> tuple[np.ndarray, list, np.ndarray]:
    """(correct [problems, chains, length], answer keys alike nested, ORM scores alike or NaN)."""
    sampler = Sampler(reviser, rows=128, length=LENGTH)
    correct = np.zeros((len(problems), chains, length), bool)
    scores = np.full(correct.shape, np.nan)
    keys = [[[None] * length for _ in range(chains)] for _ in problems]
    prompts = [prompt_tokens(p) for p in problems]
    cells = [(p, c) for p in range(len(problems)) for c in range(chains)]
    history: dict = {cell: [] for cell in cells}
    for step in range(length):
        prefixes = [chain_prefix(prompts[p], history[p, c]) for p, c in cells]
        drawn = sampler.generate(prefixes, seed * 1000 + step, most_new=400)
        if orm is not None:
            scores[:, :, step] = score_ends(orm, drawn).reshape(len(problems), chains)
        for (p, c), prefix, tokens in zip(cells, prefixes, drawn):
            solution = tokens[len(prefix) :]
            _, steps, finished = split_solution(np.concatenate([prompts[p], solution]))
            if finished:
                correct[p, c, step] = grade(problems[p], steps)
                keys[p][c][step] = answer_key(problems[p], steps)
                history[p, c].append(solution[:-1])
    return correct, keys, scores


@torch.inference_mode()
def score_ends(orm, sequences: list[np.ndarray], rows: int = 32) -> np.ndarray:
    """Score at the last token of each sequence; an unfinished one counts as 0."""
    order, out = sorted(range(len(sequences)), key=lambda i: len(sequences[i])), np.zeros(len(sequences))
    for at in range(0, len(order), rows):
        part = order[at : at + rows]
        ids = torch.full((len(part), max(len(sequences[i]) for i in part)), vocab.PAD, dtype=torch.int64)
        for row, i in enumerate(part):
            ids[row, : len(sequences[i])] = torch.from_numpy(sequences[i].astype(np.int64))
        values = torch.sigmoid(orm(ids)).numpy()
        for row, i in enumerate(part):
            if sequences[i][-1] == vocab.EOS:
                out[i] = values[row, len(sequences[i]) - 1]
    return out


def weighted(pairs: list[tuple], hierarchical_by: int | None = None) -> tuple:
    """(key, total, correct) with the largest sum of scores; over chains' winners first when `hierarchical_by` is the
    number of attempts a chain has."""
    if hierarchical_by is not None:
        pairs = [weighted(pairs[i : i + hierarchical_by]) for i in range(0, len(pairs), hierarchical_by)]
    votes: dict = {}
    for key, score, right in pairs:
        if key is not None:
            votes[key] = (votes.get(key, (0.0, right))[0] + score, right)
    if not votes:
        return None, 0.0, False
    key = max(votes, key=lambda k: votes[k][0])
    return key, *votes[key]


def chain_figures(reviser, orm, levels, split: str, problems: int, seed: int, sizes=(16, 64)) -> tuple[list[dict], list[dict]]:
    """Rows per level: accuracy at steps 1, 2, 4, 8, 16 and the flips; rows of selection at N, sequential to parallel."""
    rows, choices = [], []
    for family, level in levels:
        random = Random(f"{seed}-{family}-{level}")
        prompts = [sample(family, level, split, random).prompt for _ in range(problems)]
        correct, keys, scores = draw_chains(reviser, prompts, 4, 16, seed, orm)
        right, after = correct[:, :, :-1], correct[:, :, 1:]
        row = {"family": family, "level": level, "problems": problems, "chains": 4}
        row |= {f"step {k}": float(correct[:, :, k - 1].mean()) for k in (1, 2, 4, 8, 16)}
        row["right turned wrong"] = float((right & ~after).sum() / max(1, right.sum()))
        row["wrong turned right"] = float((~right & after).sum() / max(1, (~right).sum()))
        if orm is not None:
            row["ORM AUC within"] = float(np.nanmean([auc(s.ravel(), c.ravel().astype(int)) for s, c in zip(scores, correct)]))
        rows.append(row)
        flat_correct, flat_keys, flat_scores = draw_chains(reviser, prompts, 64, 1, seed + 1, orm)
        for n in sizes:
            choice = {"family": family, "level": level, "N": n}
            for name, (c, k, s), shape in (
                ("parallel", (flat_correct, flat_keys, flat_scores), (n, 1)),
                ("sequential", (correct, keys, scores), (max(1, n // 16), min(16, n))),
            ):
                chains, length = shape
                hits, votes = [], []
                for p in range(problems):
                    pairs = [(k[p][i][j], s[p, i, j], c[p, i, j]) for i in range(chains) for j in range(length)]
                    hits.append(weighted(pairs, length if length > 1 else None)[2])
                    votes.append(weighted([(key, 1.0, right) for key, _, right in pairs])[2])
                choice |= {f"{name} ORM": float(np.mean(hits)), f"{name} majority": float(np.mean(votes))}
            choices.append(choice)
    return rows, choices


__all__ = ["chain_figures", "draw_chains"]
