"""Which problems belong to which split: decided by a hash of the canonical prompt, so splits cannot overlap."""

import hashlib

TEST, VALIDATION, LABEL, TRAIN = "test", "validation", "label", "train"


def key(prompt: str) -> str:
    """The prompt with countdown numbers sorted, so that reorderings share a split."""
    if not prompt.startswith("make "):
        return prompt
    target, numbers = prompt.split(": ")
    return target + ": " + " ".join(sorted(numbers.split(" "), key=int))


def split_of(prompt: str) -> str:
    h = int(hashlib.sha256(key(prompt).encode()).hexdigest()[:8], 16) % 100
    return TEST if h < 4 else VALIDATION if h < 6 else LABEL if h < 20 else TRAIN
