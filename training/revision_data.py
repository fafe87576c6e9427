"""Reviser and ORM corpora by the paper's recipe, from the policy's samples (64 a problem).

Sequence: <bos> prompt \\n (<attempt> solution){0..5} <eos>; at most four attempts before the answer. Beyond the recipe:
attempts that are already right are shown too, with themselves as the answer, for a chain goes on after them; and
deliberate slips add problems that nobody sampled.
"""

from functools import lru_cache
from pathlib import Path
from random import Random

import numpy as np

from . import vocab
from .corpus import CorpusWriter, split_solution
from .dense import dense_labels
from .policy_data import fail_honestly
from .prm_data import PLAY, exact_labels
from .problems import grade, legal_steps, sample_mixture
from .rollouts import Samples
from .split import TRAIN

HISTORY = 4
MOST_ANSWERS = 6
HONEST = 0.15  # answers that are legal failures, so that the last line of a countdown attempt goes on telling the truth
GONE_BACK_TO = 0.2  # of the histories with a right attempt: it stands anywhere, not at the end
LONGEST = 640  # tokens; longer histories drop their oldest attempts


def edit_distances(text: np.ndarray, others: list[np.ndarray]) -> np.ndarray:
    """Levenshtein distances of token arrays, all at once."""
    width = max(map(len, others))
    table = np.full((len(others), width), 255, np.int64)
    for row, other in enumerate(others):
        table[row, : len(other)] = other
    steps = np.arange(width + 1)
    distance = np.tile(steps, (len(others), 1))
    for i, symbol in enumerate(text.astype(np.int64)):
        new = np.empty_like(distance)
        new[:, 0] = i + 1
        new[:, 1:] = np.minimum(distance[:, 1:] + 1, distance[:, :-1] + (table != symbol))
        distance = np.minimum.accumulate(new - steps, axis=1) + steps
    return distance[np.arange(len(others)), [len(o) for o in others]]


def nearest_to(answer: np.ndarray, wrong: list[np.ndarray]) -> np.ndarray | None:
    return wrong[int(edit_distances(answer, wrong).argmin())] if wrong else None


def body(tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(prompt with <bos> and newline, solution without <eos>)."""
    end = int(np.flatnonzero(tokens == vocab.NEWLINE)[0]) + 1
    return tokens[:end], tokens[end:-1]


def with_history(prompt: np.ndarray, history: list[np.ndarray], answer: np.ndarray) -> tuple[np.ndarray, int]:
    """(sequence, index where the answer starts)."""
    history = list(history)
    while history and len(prompt) + sum(len(h) + 1 for h in history) + len(answer) + 2 > LONGEST:
        history.pop(0)
    parts = [prompt]
    for attempt in history:
        parts += [[vocab.ATTEMPT], attempt]
    parts.append([vocab.ATTEMPT])
    start = sum(map(len, parts))
    return np.concatenate([*parts, answer, [vocab.EOS]]).astype(np.uint8), start


def by_problem(samples: Samples):
    """(prompt, distinct right solutions, wrong solutions) of every problem."""
    for problem in np.unique(samples.problem):
        right, wrong, prompt = {}, [], None
        for i in np.flatnonzero(samples.problem == problem):
            prompt, solution = body(samples.sequence(int(i)))
            if samples.correct[i]:
                right[solution.tobytes()] = solution
            else:
                wrong.append(solution)
        yield prompt, list(right.values()), wrong


def honest_failures(prompt: np.ndarray, wrong: list[np.ndarray]) -> list[np.ndarray]:
    """Wrong countdown attempts of which every line is legal and true; of the other families none can be."""
    text = vocab.decode(prompt)
    if not text.startswith("make "):
        return []
    out = []
    for attempt in wrong:
        _, steps, _ = split_solution(np.concatenate([prompt, attempt, [vocab.EOS]]))
        if legal_steps(text[:-1], steps) == len(steps):
            out.append(attempt)
    return out


@lru_cache(maxsize=100_000)
def labels_of(prompt: str, attempt: str) -> np.ndarray:
    """Labels of an attempt's characters and of what stands behind it (dense.py)."""
    steps = attempt.split("\n")
    return dense_labels(prompt, steps, exact_labels(prompt, steps))


def verdicts_on(prompt: str, attempt: str) -> np.ndarray:
    """`labels_of`, but of countdown only the last line's: what can still be reached from earlier ones is much to learn,
    and the last line shows who is right."""
    labels = labels_of(prompt, attempt).copy()
    if prompt.startswith("make "):
        labels[: -len(attempt.split("\n")[-1]) - 1] = np.nan
    return labels


class RevisionWriter:
    """Histories with answers; loss on the answer, and for a judge on verdicts."""

    def __init__(self, random: Random, kept: float, unrelated: float = 0):
        self.random, self.kept, self.unrelated, self.corpus = random, kept, unrelated, CorpusWriter()

    def kept_share(self, prompt: np.ndarray) -> float:
        """`kept` for countdown, where the last line shows who is right; elsewhere the policy is right oftener than not, and
        to doubt every attempt half of the time would turn right ones wrong."""
        return self.kept if vocab.decode(prompt).startswith("make ") else 1 - (1 - self.kept) ** 2

    def add(self, prompt: np.ndarray, answer: np.ndarray, wrong: list[np.ndarray], nearest, right: bool = True) -> None:
        """A random number of attempts from `wrong`, `nearest` last, or in `unrelated` of the histories any: a chain's own
        attempts are seldom near to a right one, and who always keeps their beginning stays in the dead end. In a share of the histories (`kept_share`) the answer
        itself stands at the end, seldom elsewhere: a right attempt is to be left as it is, or to be gone back to.
        Attempts are often repeated, as chains repeat them."""
        random = self.random
        k = random.randint(0, HISTORY)
        pool = [random.choice(wrong) for _ in range(random.choice((1, 2, HISTORY)))] if wrong else []
        history = [random.choice(pool) for _ in range(k)] if pool else []
        if right and k and random.random() < self.kept_share(prompt):
            history = history or [answer] * k
            last = random.randint(1, k)
            for place in random.sample(range(k), last) if random.random() < GONE_BACK_TO else range(k - last, k):
                history[place] = answer
        elif history and random.random() >= self.unrelated:
            history[-1] = nearest
        self.write(prompt, history, answer)

    def failure_of(self, problem) -> np.ndarray | None:
        """In HONEST of the countdown problems a whole legal play that misses the target."""
        if problem.family != "countdown" or self.random.random() >= HONEST:
            return None
        steps = fail_honestly(problem, self.random)
        return encoded(steps) if len(steps) == len(problem.steps) else None

    def write(self, prompt: np.ndarray, history: list[np.ndarray], answer: np.ndarray) -> None:
        """Labels: 1 at the answer; before it those of the attempts, which only a judging reviser learns (judge.py)."""
        tokens, start = with_history(prompt, history, answer)
        labels = np.full(len(tokens), np.nan, np.float16)
        labels[:start] = attempt_labels(tokens[:start], verdicts_on)
        labels[start:] = 1
        self.corpus.add(tokens, labels)


def build_reviser_corpus(
    samples: Samples | None, path: Path, per_answer: int, seed: int, kept: float = 0.35, synthetic_tokens: int = 0, unrelated: float = 0
) -> None:
    """Answers: right ones, or (countdown, HONEST) honest failures. `kept`, `synthetic_tokens` and `unrelated` go beyond
    the paper; with all of them 0 only the repeated attempts do. Without samples all of it is synthetic."""
    random = Random(seed)
    writer = RevisionWriter(random, kept, unrelated)
    for prompt, right, wrong in by_problem(samples) if samples else ():
        honest = honest_failures(prompt, wrong)
        # Few answers a problem: with sixteen of five hundred problems the reviser learned the problems by heart.
        for answer in right[:MOST_ANSWERS]:
            nearest = nearest_to(answer, wrong)
            for _ in range(per_answer):
                writer.add(prompt, answer, wrong, nearest)
            if honest and random.random() < HONEST * per_answer:
                writer.add(prompt, random.choice(honest), wrong, random.choice(wrong), right=False)
    add_synthetic(writer, synthetic_tokens)
    writer.corpus.finish().save(path)


def synthetic_attempts(random: Random):
    """Endless (problem, prompt, right solution, wrong attempts): deliberate slips and failed play (prm_data.py), on as
    many problems as one likes."""
    while True:
        problem = sample_mixture(TRAIN, random)
        plays = [PLAY[problem.family](problem, random) for _ in range(HISTORY + 2)]
        wrong = [encoded(steps) for steps in plays if steps and not grade(problem.prompt, steps)]
        prompt = encoded_prompt(problem.prompt)
        yield problem, prompt, encoded(problem.steps), wrong


def add_synthetic(writer: RevisionWriter, tokens: int) -> None:
    random, goal = writer.random, writer.corpus.size + tokens
    for problem, prompt, answer, wrong in synthetic_attempts(random):
        if writer.corpus.size >= goal:
            return
        failure = writer.failure_of(problem)
        if failure is None:
            writer.add(prompt, answer, wrong, nearest_to(answer, wrong))
        else:
            writer.add(prompt, failure, wrong, random.choice(wrong) if wrong else None, right=False)


def encoded_prompt(prompt: str) -> np.ndarray:
    """As `body` gives it: with <bos> and newline."""
    return np.concatenate([[vocab.BOS], vocab.encode(prompt + "\n")])


def encoded(steps) -> np.ndarray:
    return np.asarray(vocab.encode("\n".join(steps)), np.uint8)


def answers_after_histories(right, wrong, count: int, random: Random):
    """`count` times (history, answer, whether it is right): half of the answers right, after histories of wrong and
    sometimes right attempts."""
    for _ in range(count):
        correct = bool(right) and (not wrong or random.random() < 0.5)
        answer = random.choice(right if correct else wrong)
        pool = wrong + right[: max(1, len(wrong) // 4)]
        yield [random.choice(pool) for _ in range(random.randint(0, HISTORY))], answer, correct


def build_orm_corpus(samples: Samples, path: Path, per_problem: int, seed: int, synthetic_tokens: int = 0) -> None:
    """Every attempt, also those of the history, is labelled densely (dense.py), each anew; the verifier is read at the
    final <eos>. Synthetic attempts besides, as for the PRM: slips are seen only by who has seen many."""
    random, writer = Random(seed), CorpusWriter()

    def add(prompt, right, wrong, count: int) -> None:
        for history, answer, _ in answers_after_histories(right, wrong, count, random):
            tokens, _ = with_history(prompt, history, answer)
            writer.add(tokens, attempt_labels(tokens))

    for prompt, right, wrong in by_problem(samples):
        add(prompt, right, wrong, per_problem)
    goal = writer.size + synthetic_tokens
    for _, prompt, right, wrong in synthetic_attempts(random):
        if writer.size >= goal:
            break
        add(prompt, [right], wrong, 2)
    writer.finish().save(path)


def attempt_labels(tokens: np.ndarray, read=labels_of) -> np.ndarray:
    """Labels of every attempt of a sequence with history, as `read` gives them; the first mark and the prompt carry none.
    The last character of an attempt is followed by a mark or <eos>, which carries the label of the whole attempt. The
    sequence ends with either."""
    labels = np.full(len(tokens), np.nan, np.float16)
    marks = sorted({*np.flatnonzero(tokens == vocab.ATTEMPT).tolist(), len(tokens) - 1})
    prompt = vocab.decode(tokens[: marks[0]]).removesuffix("\n")
    for a, b in zip(marks, marks[1:]):
        labels[a + 1 : b + 1] = read(prompt, vocab.decode(tokens[a + 1 : b]))
    return labels
