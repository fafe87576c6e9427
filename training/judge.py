"""A reviser that learns, beside writing, whether each attempt it reads is right.

To keep a right attempt and to mend a wrong one it must tell them apart before the first character of its answer, and the
text alone teaches that slowly. So the mark that follows an attempt, from which the answer's first character is predicted,
carries a verdict of its own during training (an auxiliary task, Caruana 1997). The head is not exported.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import vocab
from .llama import Llama, without_value_head

DENSE = 0.1  # weight of a verdict at a character against that at the mark


class JudgingReviser(Llama):
    """A language model with one more number at each position: the logit that the attempt before is right."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.judge = nn.Linear(self.shape.dim, 1)


def judging(base: Llama) -> JudgingReviser:
    """On a language model, the head untaught; or on a verifier that was trained as both, an ORM for one, whose verdict
    and language model it takes over."""
    model = JudgingReviser(base.shape)
    model.load_state_dict(without_value_head(base).state_dict(), strict=False)
    nn.init.zeros_(model.judge.weight)
    nn.init.zeros_(model.judge.bias)
    if base.score is not None:
        with torch.no_grad():
            model.judge.weight.copy_(base.score.weight * base.norm.weight / base.tap_norm.weight)
            model.judge.bias.copy_(base.score.bias)
    return model


def written_last(ids: Tensor) -> Tensor:
    """1 behind the last mark of each sequence, where the answer stands; everywhere in a sequence without marks."""
    marks = ids == vocab.ATTEMPT
    return ((marks.cumsum(1) == marks.sum(1, keepdim=True)) & ~marks).float()


def judged_loss(model: JudgingReviser, ids: Tensor, weights: Tensor, labels: Tensor, share: float) -> Tensor:
    """Cross-entropy of the answer and, `share` times, binary cross-entropy of the verdicts on the attempts before it, at
    the marks in full and at their characters lightly, summed. Labels as revision_data.py writes them."""
    hidden, answer = model.hidden(ids), written_last(ids)
    logits = model.head(hidden)[:, :-1].flatten(0, 1).float()
    written = (F.cross_entropy(logits, ids[:, 1:].flatten(), reduction="none") * (weights * answer)[:, 1:].flatten()).sum()
    verdicts = F.binary_cross_entropy_with_logits(model.judge(hidden).squeeze(-1).float(), labels, reduction="none")
    judged, marks = weights * (1 - answer), (ids == vocab.ATTEMPT).float()
    model.last_value_loss = ((verdicts * judged * marks).sum() / (judged * marks).sum().clamp(min=1)).item()
    return written + share * (verdicts * judged * (DENSE + (1 - DENSE) * marks)).sum()
