"""Figures of the policy: pass@k, honesty and greedy accuracy, by family and level."""

from math import comb
from random import Random

from .problems import MIXTURE, grade, legal_steps, sample
from .sampler import Sampler, prompt_tokens, split_solution


def pass_at(n: int, c: int, k: int) -> float:
    """Unbiased pass@k from n samples with c correct."""
    return 1.0 if n - c < k else 1 - comb(n - c, k) / comb(n, k)


def evaluate_policy(model, split: str, problems: int, samples: int, seed: int = 0, levels=None) -> list[dict]:
    """One row per family and level."""
    sampler, rows = Sampler(model), []
    for family, level in levels or MIXTURE:
        random = Random(f"{seed}-{family}-{level}")
        chosen = [sample(family, level, split, random) for _ in range(problems)]
        prefixes = [prompt_tokens(p.prompt) for p in chosen]
        greedy = sampler.generate(prefixes, seed, 0)
        drawn = sampler.generate([x for x in prefixes for _ in range(samples)], seed + 1)
        right = wrong = 0
        correct = [0] * problems
        for i, tokens in enumerate(drawn):
            prompt, steps, finished = split_solution(tokens)
            correct[i // samples] += finished and grade(prompt, steps)
            good = legal_steps(prompt, steps)
            right, wrong = right + good, wrong + (good < len(steps))
        row = {"family": family, "level": level, "problems": problems, "samples": samples}
        row["greedy"] = sum(grade(*split_solution(t)[:2]) for t in greedy) / problems
        for k in (1, 4, 16, 64):
            if k <= samples:
                row[f"pass@{k}"] = sum(pass_at(samples, c, k) for c in correct) / problems
        # After right lines only: what follows a wrong line cannot be judged.
        row["honest"] = right / (right + wrong)
        rows.append(row)
    return rows


def table(rows: list[dict]) -> str:
    """Markdown."""
    keys = list(rows[0])
    out = ["| " + " | ".join(keys) + " |", "|" + "---|" * len(keys)]
    for row in rows:
        out.append("| " + " | ".join(f"{v:.3f}" if isinstance(v, float) else str(v) for v in row.values()) + " |")
    return "\n".join(out)
