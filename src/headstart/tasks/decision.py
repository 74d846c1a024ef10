"""Which class is predicted when not simply the most probable one: a threshold, what mistakes cost, or factors.

``decision_request.DecisionRequest`` is what the user asks for, ``DecisionRule`` what held-out rows made of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.config import Config
from headstart.core.errors import ConfigError, choice_message
from headstart.core.learning import Floats
from headstart.evaluation.operating_points import (
    best_precision,
    just_below,
    positives_needed,
    precision_threshold,
    recall_threshold,
    share_of,
)
from headstart.tasks.decision_request import DecisionRequest

USUAL = 0.5


class DecisionRule(Config):
    """A request as held-out rows settled it.

    ``positive`` is a class number, ``costs`` K rows (truth) of K numbers (prediction), ``factors`` K numbers that
    probabilities are multiplied by, which follow from ``power`` (:mod:`headstart.tasks.rare_classes`). ``note`` says
    what could not be had, "" where all could.
    """

    positive: int | None = None
    threshold: float | None = None
    costs: tuple[tuple[float, ...], ...] | None = None
    factors: tuple[float, ...] | None = None
    power: float | None = None
    held_out: dict[str, Any] = {}
    note: str = ""

    def decide(self, probabilities: Floats) -> NDArray[np.int64]:
        """Class numbers ``(N,)`` from ``(N, K)`` probabilities.

        By costs: the class of least expected cost (Elkan, IJCAI 2001). By factors: the class of the largest product.
        By threshold: the positive class from there on, else the most probable of the others. Ties go to the class that
        comes first.
        """
        p = np.asarray(probabilities, dtype=np.float64)
        if self.costs is not None:
            return np.asarray((p @ np.array(self.costs)).argmin(axis=1), dtype=np.int64)
        if self.factors is not None:
            return np.asarray((p * np.array(self.factors)).argmax(axis=1), dtype=np.int64)
        if self.positive is None or self.threshold is None:
            return np.asarray(p.argmax(axis=1), dtype=np.int64)
        others = p.copy()
        others[:, self.positive] = -1.0
        is_positive = p[:, self.positive] >= self.threshold
        return np.where(is_positive, self.positive, others.argmax(axis=1)).astype(np.int64)


def check_decision(asked: DecisionRequest, class_names: Sequence[str]) -> None:
    """Raise ConfigError where it names a class that is not there, or has costs of another shape."""
    if asked.costs is not None:
        cost_matrix(asked.costs, class_names)
    else:
        positive_class(asked, class_names)


def settled_rule(
    asked: DecisionRequest, class_names: Sequence[str], truth: NDArray[np.int64], probabilities: Floats
) -> DecisionRule:
    """The rule that held-out rows, ``(n,)`` class numbers and ``(n, K)`` probabilities, make of a request.

    Raises:
        ConfigError: it names a class that is not there, or costs of another shape.
    """
    if asked.costs is not None:
        return DecisionRule(costs=cost_matrix(asked.costs, class_names))
    positive = positive_class(asked, class_names)
    is_positive, p = truth == positive, probabilities[:, positive]
    threshold, note = _threshold(asked, is_positive, p)
    rule = DecisionRule(positive=positive, threshold=threshold, note=note)
    return rule.model_copy(update={"held_out": _held_out(is_positive, p, threshold)})


def positive_class(asked: DecisionRequest, class_names: Sequence[str]) -> int:
    """Its number; raises ConfigError where it is not there, or not said among more than two."""
    if asked.positive is not None:
        if asked.positive not in class_names:
            raise ConfigError(choice_message("decision.positive", asked.positive, list(class_names)))
        return list(class_names).index(asked.positive)
    if len(class_names) != 2:
        raise ConfigError(
            f"decision.positive must name the class that is to be found, since there are {len(class_names)} classes; "
            f"none was named. For example: --set decision.positive={class_names[0]}"
        )
    return 1


def cost_matrix(
    costs: Mapping[str, Mapping[str, float]] | Sequence[Sequence[float]], class_names: Sequence[str]
) -> tuple[tuple[float, ...], ...]:
    """K rows (truth) of K costs (prediction), finite and 0 or more.

    Raises:
        ConfigError: another shape, unknown classes, or costs that are negative or not finite.
    """
    k, names = len(class_names), list(class_names)
    if isinstance(costs, Mapping):
        for name in [*costs, *(inner for row in costs.values() for inner in row)]:
            if name not in names:
                raise ConfigError(choice_message("a class of decision.costs", name, names))
        usual = {truth: {given: float(truth != given) for given in names} for truth in names}
        rows = [[{**usual[truth], **costs.get(truth, {})}[given] for given in names] for truth in names]
    else:
        rows = [list(row) for row in costs]
    if len(rows) != k or any(len(row) != k for row in rows):
        shape = f"{len(rows)} rows of {sorted({len(row) for row in rows})} numbers"
        raise ConfigError(
            f"decision.costs must have a row and a column for each of the {k} classes {names[:10]}; got {shape}."
        )
    if not (np.isfinite(rows).all() and np.min(rows) >= 0):
        raise ConfigError("decision.costs must be finite and 0 or more: what a right answer costs is 0.")
    return tuple(tuple(float(value) for value in row) for row in rows)


def _threshold(asked: DecisionRequest, is_positive: NDArray[np.bool_], p: Floats) -> tuple[float, str]:
    if asked.threshold is not None:
        return asked.threshold, ""
    if asked.recall is not None:
        return _for_recall(asked.recall, is_positive, p)
    assert asked.precision is not None  # noqa: S101 - one of the four was given
    found = precision_threshold(is_positive, p, asked.precision)
    if found is not None:
        return found, ""
    best = best_precision(is_positive, p)
    reached = "no held-out row is called positive" if best is None else f"{best:.2f} is the most"
    return USUAL, (
        f"a precision of {asked.precision:g} is reached by no threshold on the {len(p)} held-out rows ({reached}), "
        f"so the threshold stayed {USUAL:g}"
    )


def _for_recall(recall: float, is_positive: NDArray[np.bool_], p: Floats) -> tuple[float, str]:
    found = recall_threshold(is_positive, p, recall)
    if found is not None:
        return found, ""
    there, needed = int(is_positive.sum()), positives_needed(recall)
    if not there:
        return USUAL, f"no held-out row is positive, so the threshold stayed {USUAL:g}"
    enough = "no number of them is enough for that" if needed is None else f"{needed} are needed"
    return just_below(p, float(p[is_positive].min())), (
        f"a recall of {recall:g} cannot be promised by {there} held-out positives ({enough}); the threshold is just "
        "below the least probable of them"
    )


def _held_out(is_positive: NDArray[np.bool_], p: Floats, threshold: float) -> dict[str, Any]:
    flagged = p >= threshold
    hits = int((flagged & is_positive).sum())
    return {
        "n": len(p),
        "recall": share_of(hits, int(is_positive.sum()), "there is no positive example"),
        "precision": share_of(hits, int(flagged.sum()), "nothing is flagged"),
    }
