"""Did transfer help? Answered from the test split, in one sentence; the choice itself is never changed by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from headstart.core.learning import Targets
from headstart.evidence.comparisons import paired
from headstart.evidence.contender import Contender
from headstart.evidence.guard import Choice

Answer = Literal["yes", "no", "unclear", "not_applicable"]
WITHOUT_LOOKING = ("majority_class", "mean_target")  # contenders that do not look at the input


def verdict(targets: Targets, choice: Choice, contenders: Sequence[Contender], seed: int) -> dict[str, Any]:
    """The ``verdict`` section.

    The best contender with pretrained weights (the chosen one, if it has them) is held against the best contender
    without, which is the one that leaves it the smallest lead on their common test rows: "yes" when the lower bound
    of the difference is above 0, "no" when the upper bound is below 0, "unclear" otherwise.

    Returns:
        ``{"transfer_helps", "chosen", "why"}``; with an answer also ``chosen_is_transfer``, ``against`` (a name) and
        ``difference``. Where no pretrained network took part the answer is "not_applicable", ``against`` and
        ``difference`` are about the chosen contender and the next best, and ``why`` says how they compare.
    """
    chosen = next(contender for contender in contenders if contender.name == choice.name)
    transfer = chosen if chosen.is_transfer else next((c for c in contenders if c.is_transfer and c.can_ship), None)
    without = [contender for contender in contenders if not contender.is_transfer]
    if transfer is None:
        return _among_themselves(targets, choice, chosen, [c for c in without if c is not chosen], seed)
    if not without:
        why = "There was nothing to compare a pretrained model with."
        return {"transfer_helps": "not_applicable", "chosen": choice.name, "why": f"{why} {choice.why}"}
    difference, best = _smallest_lead(targets, transfer, without, seed)
    answer = _answer(difference)
    why = _sentence(answer, transfer, best, difference)
    is_surprise = (answer == "no") == chosen.is_transfer and answer != "unclear"
    if is_surprise and _won_on_folds(choice):
        why += (
            f" On the training folds it looked otherwise: {choice.why} The choice stands: the test split only reports."
        )
    elif is_surprise or choice.fell_back:
        why += f" {choice.why}"
    return {
        "transfer_helps": answer,
        "chosen": choice.name,
        "chosen_is_transfer": chosen.is_transfer,
        "against": best.name,
        "difference": difference,
        "why": why,
    }


def _won_on_folds(choice: Choice) -> bool:
    """Whether it was chosen for its loss: a method that was asked for may have lost, or nothing was held out."""
    losses = [loss for loss in choice.losses.values() if loss is not None]
    return bool(losses) and choice.losses.get(choice.name) == min(losses)


def _among_themselves(
    targets: Targets, choice: Choice, chosen: Contender, others: list[Contender], seed: int
) -> dict[str, Any]:
    """No pretrained network took part: how the chosen model does against the others, and against not looking at all."""
    found: dict[str, Any] = {"transfer_helps": "not_applicable", "chosen": choice.name}
    why = "No pretrained network took part, so there is no transfer to judge."
    if not others:
        return {**found, "why": f"{why} {choice.why}"}
    looking = [other for other in others if other.name not in WITHOUT_LOOKING]
    difference, best = _smallest_lead(targets, chosen, looking or others, seed)
    why += f" {_compared(chosen, best, difference)}"
    for other in others:
        if other.name in WITHOUT_LOOKING and other is not best:
            size, span = chosen.task.difference_text(paired(targets, chosen, other, seed)["difference"])
            why += f" Against predicting without looking at the input ({other.name}) the lead is {size} ({span})."
    if choice.fell_back:
        why += f" {choice.why}"
    return {**found, "chosen_is_transfer": False, "against": best.name, "difference": difference, "why": why}


def _smallest_lead(
    targets: Targets, one: Contender, others: Sequence[Contender], seed: int
) -> tuple[dict[str, Any], Contender]:
    leads = [(paired(targets, one, other, seed)["difference"], other) for other in others]
    return min(leads, key=lambda pair: float("inf") if pair[0]["value"] is None else pair[0]["value"])


def _answer(difference: dict[str, Any]) -> Answer:
    low, high = difference["low"], difference["high"]
    if low is not None and low > 0:
        return "yes"
    if high is not None and high < 0:
        return "no"
    return "unclear"


def _sentence(answer: Answer, transfer: Contender, best: Contender, difference: dict[str, Any]) -> str:
    if difference["value"] is None:
        return "Whether transfer helps is unclear: the test examples cannot tell."
    size, span = transfer.task.difference_text(difference)
    against = f"than the best model without ({best.candidate}; {span})"
    if answer == "yes":
        return f"Transfer helps: the pretrained model is better by {size} {against}."
    if answer == "no":
        return f"Transfer does not help: the pretrained model is worse by {size} {against}."
    side = "better" if difference["value"] >= 0 else "worse"
    return (
        f"Whether transfer helps is unclear: the pretrained model is {side} by {size} {against}. "
        "More test examples would tell."
    )


def _compared(chosen: Contender, best: Contender, difference: dict[str, Any]) -> str:
    if difference["value"] is None:
        return f"The test examples cannot tell {chosen.candidate} from {best.candidate}."
    size, span = chosen.task.difference_text(difference)
    side = "better" if difference["value"] >= 0 else "worse"
    unclear = " Which of the two is better is unclear." if _answer(difference) == "unclear" else ""
    return f"{chosen.candidate} is {side} by {size} than {best.candidate} ({span}).{unclear}"
