"""Did transfer help? Answered from the test split, in one sentence; the choice itself is never changed by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from headstart.core.learning import Targets, Task
from headstart.evidence.contender import Contender
from headstart.evidence.guard import Choice

Answer = Literal["yes", "no", "unclear", "not_applicable"]


def verdict(task: Task, targets: Targets, choice: Choice, contenders: Sequence[Contender], seed: int) -> dict[str, Any]:
    """The ``verdict`` section.

    The best contender with pretrained weights (the chosen one, if it has them) is held against the best contender
    without, best by the primary metric on the test split: "yes" when the lower bound of the difference is above 0,
    "no" when the upper bound is below 0, "unclear" otherwise.
    """
    chosen = next(contender for contender in contenders if contender.name == choice.name)
    transfer = chosen if chosen.is_transfer else next((c for c in contenders if c.is_transfer and c.can_ship), None)
    without = [contender for contender in contenders if not contender.is_transfer]
    if transfer is None or not without:
        why = "There was nothing to compare a pretrained model with."
        return {"transfer_helps": "not_applicable", "chosen": choice.name, "why": f"{why} {choice.why}"}
    against = [(_difference(task, targets, transfer, other, seed), other) for other in without]
    numbers, best = max(against, key=lambda pair: pair[0][task.primary]["value"])
    answer = _answer(numbers["difference"])
    why = _sentence(task.primary, answer, transfer, best, numbers["difference"])
    if (answer == "no") == chosen.is_transfer and answer != "unclear":
        why += (
            f" On the training folds it looked otherwise: {choice.why} The choice stands: the test split only reports."
        )
    elif choice.fell_back:
        why += f" {choice.why}"
    return {
        "transfer_helps": answer,
        "chosen": choice.name,
        "chosen_is_transfer": chosen.is_transfer,
        "against": best.name,
        "difference": numbers["difference"],
        "why": why,
    }


def _difference(task: Task, targets: Targets, transfer: Contender, other: Contender, seed: int) -> dict[str, Any]:
    rows = other.test_rows
    return task.compare(targets.take(rows), transfer.test_logits[rows], other.test_logits, seed)


def _answer(difference: dict[str, Any]) -> Answer:
    low, high = difference["low"], difference["high"]
    if low is not None and low > 0:
        return "yes"
    if high is not None and high < 0:
        return "no"
    return "unclear"


def _sentence(metric: str, answer: Answer, transfer: Contender, best: Contender, difference: dict[str, Any]) -> str:
    value, low, high = difference["value"], difference["low"], difference["high"]
    span = "no interval can be given" if low is None else f"95 % interval {low * 100:+.1f} to {high * 100:+.1f}"
    points = f"{abs(value) * 100:.1f} points of {metric.replace('_', ' ')}"
    against = f"the best model without ({best.candidate}; {span})"
    if answer == "yes":
        return f"Transfer helps: the pretrained model is {points} above {against}."
    if answer == "no":
        return f"Transfer does not help: the pretrained model is {points} below {against}."
    side = "above" if value >= 0 else "below"
    return (
        f"Whether transfer helps is unclear: the pretrained model is {points} {side} {against}. "
        "More test examples would tell."
    )
