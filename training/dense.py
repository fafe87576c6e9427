"""Labels for every character of a step: where a wrong step first leaves the right one.

Only an aid to training. The verifier is read at terminators, but credit for a slip is local, and learning where it
happens is far quicker than learning it from the end of the line.
"""

import numpy as np

from . import arithmetic, countdown, equations

NAN = float("nan")


def first_difference(line: str, right: str) -> int:
    for i, (a, b) in enumerate(zip(line, right)):
        if a != b:
            return i
    return min(len(line), len(right))


def right_line(prompt: str, before: list[str], line: str) -> str | None:
    """The step the generator would have written in this state; for countdown with the operands of `line`."""
    try:
        if prompt.startswith("compute "):
            text = before[-1].split("|")[1] if before else prompt[8:]
            op, a, b, c, rest = arithmetic.reduce_leftmost(arithmetic.parse(text))
            return None if c is None else arithmetic.write_step(op, a, b, c, rest)
        if prompt.startswith("solve "):
            pair = equations.next_move(*equations.parse(before[-1] if before else prompt[6:]))
            return None if pair is None else equations.show(*pair)
        state = countdown.parse_prompt(prompt)[1]
        if before:
            state = tuple(map(int, before[-1].split("|")[1].split(" ")))
        head = line.split("=")[0]
        op = next(o for o in "+-*/" if o in head)
        a, b = map(int, head.split(op))
        others = list(state)
        others.remove(a)
        others.remove(b)
        c = a + b if op == "+" else a - b if op == "-" else a * b if op == "*" else a // b
        return countdown.write_move((a, op, b, c), tuple(sorted([*others, c])))
    except (ValueError, IndexError, StopIteration, ZeroDivisionError, TypeError):
        return None


def dense_labels(prompt: str, steps: list[str], labels: list[float]) -> np.ndarray:
    """Labels [characters of the steps with their terminators]; the terminators carry `labels`."""
    out, broken = [], False
    for i, (line, label) in enumerate(zip(steps, labels)):
        if broken or label != label:
            row = [0.0 if broken else NAN] * len(line)
        elif prompt.startswith("make "):
            right = right_line(prompt, steps[:i], line)
            if right is None:
                row = [NAN] * len(line)
            elif right == line:
                known = line.index("=")
                row = [NAN] * known + [label] * (len(line) - known)
            else:
                at = first_difference(line, right)
                row = [NAN] * at + [0.0] * (len(line) - at)
                broken = True
        elif label == 1:
            row = [1.0] * len(line)
        else:
            right = right_line(prompt, steps[:i], line)
            at = first_difference(line, right) if right else len(line)
            row = [1.0] * at + [0.0] * (len(line) - at)
        if label == 0 and not prompt.startswith("make "):
            broken = True
        out += [*row, label]
    return np.array(out, np.float16)
