"""Postprocessing chosen on rows that the model did not see, before any test target is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats, Targets, Task
from headstart.evaluation.calibrators.choose import NONE, Chosen, choose_calibrator
from headstart.evaluation.conformal import (
    COVERAGE,
    class_thresholds,
    classes_too_few,
    coverage_span,
    thresholds,
    too_few,
)
from headstart.evaluation.conformal_labels import label_threshold
from headstart.evaluation.selective import abstaining
from headstart.evaluation.sigmoid import sigmoid
from headstart.evaluation.softmax import softmax
from headstart.postprocessing.postprocessing import Postprocessing, confidence
from headstart.postprocessing.record import PostprocessingRecord

Origin = Literal["folds", "apart"]
SPLIT, CLASS_CONDITIONAL, LABELS = "split", "class_conditional", "labels"  # kinds of sets
WHERE = {"folds": "held-out folds of the training examples", "apart": "validation examples kept apart from choosing"}


@dataclass(frozen=True)
class HeldOut:
    """Rows that the model did not see when it said what it says of them.

    Attributes:
        targets: Of n rows.
        outputs: ``(n, W)``.
        groups: ``(n,)``: rows of one group are not independent.
        origin: How they were held out.
    """

    targets: Targets
    outputs: Floats
    groups: NDArray[Any]
    origin: Origin


@dataclass(frozen=True)
class Postprocessed:
    """What was chosen, and what the choice looks like on its own rows.

    Attributes:
        postprocessing: To apply.
        outputs: ``(n, W)`` of the held-out rows, each calibrated without itself.
        facts: JSON: ``calibrator``, ``losses``, ``sets``, ``abstaining``, with reasons where something is not there.
    """

    postprocessing: Postprocessing
    outputs: Floats
    facts: Mapping[str, Any] = field(default_factory=dict)


def choose_calibration(held: HeldOut, rng: np.random.Generator) -> Chosen:
    """The calibrator that these rows are enough for; numbers are left as they are."""
    if held.targets.kind == "real":
        return Chosen(NONE, {}, np.asarray(held.outputs, np.float64), why="numbers have no probability")
    return choose_calibrator(held.targets, held.outputs, None, held.groups, rng)


def choose_answers(
    held: HeldOut, chosen: Chosen, task: Task, wanted_accuracy: float, *, by_class: bool
) -> Postprocessed:
    """Sets and when to abstain, on calibrated held-out rows.

    Args:
        held: The rows.
        chosen: Their calibration.
        task: Settled on the calibrated rows.
        wanted_accuracy: Of what is answered.
        by_class: Whether sets promise their coverage for each class by itself.
    """
    record: dict[str, Any] = {"calibrator": chosen.name, "coverage": COVERAGE}
    facts: dict[str, Any] = {
        "rows": len(held.targets),
        "from": WHERE[held.origin],
        "calibrator": chosen.name,
        "why": chosen.why,
        "losses": {name: float(loss) for name, loss in chosen.losses.items()},
    }
    if held.targets.kind != "real":
        found, facts["sets"] = _sets(held.targets, chosen.outputs, by_class)
        record["set_thresholds"] = found
    if held.targets.kind in ("class", "ordinal"):
        answer_from, facts["abstaining"] = _abstaining(held.targets, chosen.outputs, task, wanted_accuracy)
        record |= {"answer_from": answer_from, "wanted_accuracy": wanted_accuracy}
    arrays = Postprocessing.of_calibrator(chosen.name, chosen.arrays).arrays
    return Postprocessed(Postprocessing(PostprocessingRecord(**record), arrays), chosen.outputs, facts)


def _sets(targets: Targets, outputs: Floats, by_class: bool) -> tuple[tuple[float, ...] | None, dict[str, Any]]:
    """Thresholds of the sets that ship, and facts about both kinds."""
    n = len(targets)
    if why := too_few(n):
        return None, {"why_not": why}
    if targets.kind == "multilabel":
        threshold = label_threshold(sigmoid(outputs), targets.values > 0)
        assert threshold is not None  # noqa: S101 - there are rows enough
        return (threshold,), {"coverage": COVERAGE, "ships": LABELS, "thresholds": {LABELS: [threshold]}}
    probabilities = softmax(outputs)
    for_all, each = thresholds(probabilities, targets.values), class_thresholds(probabilities, targets.values)
    assert for_all is not None and each is not None  # noqa: S101 - there are rows enough
    found = {SPLIT: (for_all,), CLASS_CONDITIONAL: tuple(each.tolist())}
    ships = CLASS_CONDITIONAL if by_class else SPLIT
    return found[ships], {
        "coverage": COVERAGE,
        "span": coverage_span(n),
        "ships": ships,
        "thresholds": {name: list(values) for name, values in found.items()},
        "classes_too_few": classes_too_few(targets.values, targets.width),
    }


def _abstaining(targets: Targets, outputs: Floats, task: Task, wanted: float) -> tuple[float | None, dict[str, Any]]:
    said = task.predictions(outputs)["prediction"]
    right = np.array([name == truth for name, truth in zip(said, task.written(targets), strict=True)])
    found = abstaining(confidence(task, outputs), right, wanted)
    facts = {"wanted": wanted, "answered": found.answered, "right": found.right, "n": found.n, "why": found.why}
    return found.threshold, facts
