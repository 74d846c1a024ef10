"""The ``decision`` section of evidence.json: was what the user asked of decisions kept on the test, at what price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats
from headstart.core.metric import metric_in_words
from headstart.evaluation.intervals import interval
from headstart.evaluation.macro_f1 import macro_f1_difference
from headstart.evaluation.mean_loss import mean_interval
from headstart.evaluation.operating_points import operating_points, share_of
from headstart.evaluation.proportions import paired_difference
from headstart.tasks.decision import DecisionRule
from headstart.tasks.decision_request import DecisionRequest
from headstart.tasks.figures import of_100, points

KEPT = {
    "yes": "The {name} of {asked:g} that was asked for is kept",
    "no": "The {name} of {asked:g} that was asked for is not kept",
    "unclear": "Whether the {name} of {asked:g} that was asked for is kept is unclear",
}
TABLE = tuple(round(0.1 * step, 1) for step in range(1, 10))  # thresholds of the table of operating points


def decision_section(
    asked: DecisionRequest | None,
    rule: DecisionRule | None,
    class_names: Sequence[str],
    truth: NDArray[np.int64],
    probabilities: Floats,
) -> dict[str, Any]:
    """What thresholds give on the test, and whether the request was kept.

    Args:
        asked: None where the most probable class is predicted.
        rule: As held-out rows settled it; None before that.
        class_names: K.
        truth: ``(N,)`` class numbers of the test.
        probabilities: ``(N, K)``.

    Returns:
        ``{"decision": {...}}``: ``asked``, ``rule``, ``held_out``, ``kept`` ("yes", "no", "unclear"), ``test`` by
        recall and precision, or ``cost`` beside ``cost_of_the_most_probable`` and what is ``saved``, paired; where
        decisions lean towards rare classes ``factors`` by class, ``held_out``, the share of test answers
        that are ``others`` than the most probable class, what macro-F1 has ``gained`` by them, paired, and a ``note``;
        ``operating_points`` of two classes and of a positive class; ``says``, for people; ``warning`` where something
        could not be had. Empty where there is nothing to say.
    """
    section: dict[str, Any] = {}
    positive = rule.positive if rule and rule.positive is not None else (1 if len(class_names) == 2 else None)
    if positive is not None:
        places = _with_own(TABLE, rule)
        section["positive"] = class_names[positive]
        section["operating_points"] = operating_points(truth == positive, probabilities[:, positive], places)
    if rule is not None and rule.factors is not None:
        section |= _for_rare(rule, class_names, truth, probabilities)
        section["note"] = _leans(section)
    elif asked is not None and rule is not None:
        section |= {
            "asked": asked.model_dump(mode="json", exclude_none=True),
            "rule": rule.model_dump(mode="json", exclude={"held_out", "note"}, exclude_none=True),
            **({"held_out": rule.held_out} if rule.held_out else {}),
            **({"warning": rule.note} if rule.note else {}),
            **(_costs(rule, truth, probabilities) if rule.costs is not None else {}),
            **(_kept(asked, rule, truth, probabilities) if rule.threshold is not None else {}),
        }
        section["says"] = _says(section)
    return {"decision": section} if section else {}


def _with_own(points: Sequence[float], rule: DecisionRule | None) -> list[float]:
    own = None if rule is None else _own_threshold(rule)
    return sorted({*points, *([] if own is None else [own])})


def _own_threshold(rule: DecisionRule) -> float | None:
    """Of two classes with factors, the probability of the second from which on its product is the larger one."""
    if rule.factors is not None and len(rule.factors) == 2:
        return rule.factors[0] / sum(rule.factors)
    return rule.threshold


def _kept(
    asked: DecisionRequest, rule: DecisionRule, truth: NDArray[np.int64], probabilities: Floats
) -> dict[str, Any]:
    is_positive = truth == rule.positive
    flagged = rule.decide(probabilities) == rule.positive
    hits = int((is_positive & flagged).sum())
    found = {
        "recall": share_of(hits, int(is_positive.sum()), "there is no positive test example"),
        "precision": share_of(hits, int(flagged.sum()), "nothing is flagged"),
    }
    for name, each in found.items():
        if (wanted := getattr(asked, name)) is not None:
            return {"test": found, "kept": _answer(each, wanted)}
    return {"test": found}


def _answer(found: dict[str, Any], wanted: float) -> str:
    """No where the whole interval is below, yes where the value is not: an interval that is all above is rare."""
    if found["value"] is None:
        return "unclear"
    if found["high"] < wanted:
        return "no"
    return "yes" if found["value"] >= wanted else "unclear"


def _for_rare(
    rule: DecisionRule, class_names: Sequence[str], truth: NDArray[np.int64], probabilities: Floats
) -> dict[str, Any]:
    assert rule.factors is not None  # noqa: S101 - as it was asked
    mine, usual = rule.decide(probabilities), probabilities.argmax(axis=1)
    value, low, high = macro_f1_difference(truth, mine, usual, len(class_names))
    threshold = _own_threshold(rule)
    return {
        "rule": {"power": rule.power, **({} if threshold is None else {"threshold": threshold})},
        "factors": dict(zip(class_names, rule.factors, strict=True)),
        "held_out": rule.held_out,
        "others": share_of(int((mine != usual).sum()), len(truth), "there is no test example"),
        "gained": interval(value, (low, high)),
    }


def _leans(section: Mapping[str, Any]) -> str:
    others, (size, reach) = section["others"]["value"], points(section["gained"], metric_in_words("macro_f1"))
    side = "more" if section["gained"]["value"] >= 0 else "less"
    threshold = section["rule"].get("threshold")
    from_where = "" if threshold is None else f" ('{section['positive']}' from a probability of {threshold:.2f} on)"
    return (
        f"Answers lean towards rare classes{from_where}: {of_100(others)} are not the most probable class, which gives "
        f"{size} {side} ({reach})."
    )


def _costs(rule: DecisionRule, truth: NDArray[np.int64], probabilities: Floats) -> dict[str, Any]:
    matrix = np.array(rule.costs)
    mine = matrix[truth, rule.decide(probabilities)]
    usual = matrix[truth, probabilities.argmax(axis=1)]
    return {
        "cost": _mean(mine),
        "cost_of_the_most_probable": _mean(usual),
        "saved": _saved(usual - mine),
    }


def _mean(costs: Floats) -> dict[str, Any]:
    bounds = mean_interval(costs)
    return interval(float(costs.mean()), bounds, "" if bounds else "the costs do not differ between examples")


def _saved(difference: Floats) -> dict[str, Any]:
    """Mean of paired differences; Student's interval, or of a single size the exact one of its two counts."""
    from scipy.stats import ttest_1samp

    sizes = np.unique(np.abs(difference[difference != 0]))
    if len(sizes) == 1:
        low, high = paired_difference(int((difference > 0).sum()), int((difference < 0).sum()), len(difference))
        return interval(float(difference.mean()), (float(low) * sizes[0], float(high) * sizes[0]))
    if not len(sizes):
        return interval(0.0, None, "both decide alike")
    span = ttest_1samp(difference, 0.0).confidence_interval(0.95)
    return interval(float(difference.mean()), (float(span.low), float(span.high)))


def _says(section: Mapping[str, Any]) -> str:
    """In words, beside the sentence about the whole."""
    asked = section["asked"]
    if "cost" in section:
        cost, usual = section["cost"]["value"], section["cost_of_the_most_probable"]["value"]
        return f"An answer costs {cost:.3g} in the mean, against {usual:.3g} if the most probable class were predicted."
    threshold, positive = section["rule"]["threshold"], section["positive"]
    text = f"The answer is '{positive}' from a probability of {threshold:.3g} on."
    for name in ("recall", "precision"):
        if name in asked:
            text += f" {KEPT[section['kept']].format(name=name, asked=asked[name])} {_measured(section['test'][name])}"
    return text


def _measured(found: Mapping[str, Any]) -> str:
    if found["value"] is None:
        return f"({found['note']})."
    return f"(on the test {found['value']:.2f}, 95 % interval {found['low']:.2f} to {found['high']:.2f})."
