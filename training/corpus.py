"""Tokenised corpora on disk: one flat token array with offsets, and length-bucketed batches from it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import vocab

BUCKETS = (40, 56, 72, 96, 128, 176, 240, 320, 416, 528, 640)  # padded lengths; longer sequences are left out


@dataclass
class Corpus:
    """`tokens` uint8 flat; sequence i is tokens[starts[i]:starts[i+1]]. `labels` float16 flat: policy weights or PRM
    targets, NaN where the position carries no loss; of revisions also verdicts on the attempts, for a judge only."""

    tokens: np.ndarray
    starts: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.starts) - 1

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.stem}.part.npz")  # whole or not at all: what is there is used again
        np.savez(part, tokens=self.tokens, starts=self.starts, labels=self.labels)
        part.replace(path)

    @staticmethod
    def load(path: Path) -> "Corpus":
        data = np.load(path)
        return Corpus(data["tokens"], data["starts"], data["labels"])


class CorpusWriter:
    def __init__(self):
        self.tokens, self.labels, self.lengths = [], [], [0]

    def add(self, tokens: np.ndarray, labels: np.ndarray) -> None:
        self.tokens.append(tokens)
        self.labels.append(labels)
        self.lengths.append(len(tokens))

    @property
    def size(self) -> int:
        return sum(self.lengths)

    def finish(self) -> Corpus:
        return Corpus(np.concatenate(self.tokens), np.cumsum(self.lengths), np.concatenate(self.labels))


def join(corpora: list[Corpus]) -> Corpus:
    shift, starts = 0, [np.zeros(1, np.int64)]
    for c in corpora:
        starts.append(c.starts[1:] + shift)
        shift += c.starts[-1]
    return Corpus(np.concatenate([c.tokens for c in corpora]), np.concatenate(starts), np.concatenate([c.labels for c in corpora]))


def sequence(prompt: str, steps: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Token ids of a whole solution and the indices of its terminators (the prompt's newline first)."""
    body = vocab.encode(prompt + "\n" + "\n".join(steps))
    tokens = np.concatenate([[vocab.BOS], body, [vocab.EOS]]).astype(np.uint8)
    ends = np.flatnonzero(tokens == vocab.NEWLINE)
    return tokens, np.append(ends, len(tokens) - 1)


def solution_loss(ids: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Labels of a policy's sequence: loss on the solution (1), none on the prompt line (NaN)."""
    labels = np.ones(len(ids), np.float16)
    labels[: ends[0] + 1] = np.nan
    return labels


def split_solution(tokens: np.ndarray) -> tuple[str, list[str], bool]:
    """(prompt, steps, finished) of a sampled sequence."""
    prompt, *steps = vocab.decode(tokens).split("\n")
    return prompt, steps, bool(tokens[-1] == vocab.EOS)


def batches(corpus: Corpus, tokens_per_batch: int, seed: int):
    """Endless (ids [rows, bucket] int64 right-padded, labels [rows, bucket] float32, tokens); one fixed shape a bucket,
    so that compiled code is reused."""
    bucket_of = np.searchsorted(BUCKETS, np.diff(corpus.starts))
    waiting: list[list[int]] = [[] for _ in BUCKETS]
    epoch = 0
    while True:
        for i in np.random.default_rng((seed, epoch)).permutation(len(corpus)):
            bucket = bucket_of[i]
            if bucket == len(BUCKETS):
                continue
            group = waiting[bucket]
            group.append(int(i))
            if len(group) == tokens_per_batch // BUCKETS[bucket]:
                yield pack(corpus, group, BUCKETS[bucket])
                waiting[bucket] = []
        epoch += 1


def pack(corpus: Corpus, group: list[int], width: int) -> tuple[np.ndarray, np.ndarray, int]:
    ids = np.full((len(group), width), vocab.PAD, np.int64)
    labels = np.full((len(group), width), np.nan, np.float32)
    count = 0
    for row, i in enumerate(group):
        a, b = corpus.starts[i], corpus.starts[i + 1]
        ids[row, : b - a] = corpus.tokens[a:b]
        labels[row, : b - a] = corpus.labels[a:b]
        count += int(b - a)
    return ids, labels, count
