"""The shipped problem sets: held-out problems of all families, difficulty spread, no problem twice."""

import json
from pathlib import Path
from random import Random

from .problems import sample
from .split import TEST, key

# Problems of each level in a set of one hundred.
SHARES = {
    ("countdown", "small-3"): 8,
    ("countdown", "small-4"): 16,
    ("countdown", "small-5"): 8,
    ("countdown", "small-6"): 3,
    ("countdown", "large-3"): 6,
    ("countdown", "large-4"): 7,
    ("countdown", "large-5"): 2,
    **{("arithmetic", str(n)): c for n, c in zip(range(1, 11), (1, 2, 3, 4, 4, 5, 4, 4, 4, 4))},
    **{("equation", str(n)): c for n, c in zip(range(1, 5), (1, 3, 3, 8))},
}
SIZES = {"test-100": 1, "eval-200": 2, "eval-500": 5}


def build_sets(seed: int = 20) -> dict[str, list[dict]]:
    random, seen, numbers, sets = Random(seed), set(), {}, {}
    for name, times in SIZES.items():
        problems = []
        for (family, level), share in SHARES.items():
            for _ in range(share * times):
                while key((p := sample(family, level, TEST, random)).prompt) in seen:
                    pass
                seen.add(key(p.prompt))
                numbers[p.label] = numbers.get(p.label, 0) + 1
                entry = {"id": f"{p.label}-{numbers[p.label]:04}", "prompt": p.prompt, "family": family, "level": level}
                problems.append(entry | ({"answer": p.answer} if p.answer is not None else {}))
        random.shuffle(problems)
        sets[name] = problems
    return sets


def write_sets(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, problems in build_sets().items():
        lines = (json.dumps(p, separators=(",", ":")) for p in problems)
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
