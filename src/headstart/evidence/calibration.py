"""The ``calibration`` section of evidence.json: does the test keep what probabilities, sets and abstentions promise?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from headstart.core.learning import Floats, Targets, Task
from headstart.evaluation.calibration import reliability
from headstart.evaluation.conformal_labels import missed
from headstart.evaluation.conformal_report import set_report, share
from headstart.evaluation.intervals import interval
from headstart.evaluation.mean_loss import mean_interval
from headstart.evaluation.out_of_domain.p_values import is_out_of_domain
from headstart.evaluation.proportions import clopper_pearson
from headstart.evaluation.selective import answered_table, area_under_risk_coverage
from headstart.evaluation.softmax import softmax
from headstart.postprocessing.postprocessing import Postprocessing, confidence, sets_of
from headstart.postprocessing.record import PostprocessingRecord


def calibration_section(
    task: Task, targets: Targets, outputs: Floats, postprocessing: Postprocessing, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """What was chosen on held-out examples (``facts``), and what it gives on the test.

    Args:
        task: Settled.
        targets: Of N test examples.
        outputs: ``(N, W)``, calibrated.
        postprocessing: Its sets and thresholds.
        facts: Of :class:`headstart.postprocessing.choosing.Postprocessed`.

    Returns:
        ``chosen`` (the facts); ``sets`` by their kind (:func:`set_report`; of labels the share of true labels that is
        ``kept``, and ``mean_size``); of classes and grades ``reliability``, a list of bins (``confidence``,
        ``accuracy`` as an interval, ``n``), ``answered`` (what answering from each probability on would give),
        ``area_under_risk_coverage``, and ``abstaining`` (``answered``, ``accuracy``). What is absent has its reason in
        ``chosen``.
    """
    section: dict[str, Any] = {"chosen": dict(facts)}
    thresholds = facts.get("sets", {}).get("thresholds", {})
    if thresholds:
        section["sets"] = {
            name: _sets(targets, outputs, values, task.class_names) for name, values in thresholds.items()
        }
    if targets.kind in ("class", "ordinal"):
        section |= _of_answers(task, targets, outputs, postprocessing.record.answer_from)
    return section


def domain_section(record: PostprocessingRecord, strange: Floats) -> dict[str, Any]:
    """The section ``out_of_domain``: the share that is called so, of ``(N,)`` p-values, and the one to be expected."""
    return {
        "measure": record.out_of_domain,
        "expected": record.false_alarms,
        "flagged": share(is_out_of_domain(strange, record.false_alarms)),
    }


def _sets(targets: Targets, outputs: Floats, thresholds: Sequence[float], names: Sequence[str]) -> dict[str, Any]:
    held = sets_of(outputs, targets.kind, thresholds)
    if targets.kind == "multilabel":
        kept, size = 1 - missed(held, targets.values > 0), held.sum(axis=1).astype(np.float64)
        return {"kept": _mean(kept, "shares"), "mean_size": _mean(size, "sizes")}
    found = set_report(held, targets.values)
    found["per_class"] = dict(zip(names, found["per_class"], strict=True))
    return found


def _of_answers(task: Task, targets: Targets, outputs: Floats, answer_from: float | None) -> dict[str, Any]:
    probabilities = softmax(outputs)
    likeliest = probabilities.argmax(axis=1)
    bins = reliability(np.minimum(probabilities.max(axis=1), 1.0), likeliest == targets.values)
    low, high = clopper_pearson(bins.accuracy * bins.count, bins.count)
    rows = zip(bins.count, bins.confidence, bins.accuracy, low, high, strict=True)
    right = np.array(
        [a == b for a, b in zip(task.predictions(outputs)["prediction"], task.written(targets), strict=True)]
    )
    sure = confidence(task, outputs)
    found: dict[str, Any] = {
        "reliability": [
            {"n": int(n), "confidence": float(c), "accuracy": interval(float(a), (float(lo), float(hi)))}
            for n, c, a, lo, hi in rows
        ],
        "answered": answered_table(sure, right),
        "area_under_risk_coverage": area_under_risk_coverage(sure, right),
    }
    if answer_from is not None:
        is_answered = sure >= answer_from
        found["abstaining"] = {"answered": share(is_answered), "accuracy": share(right[is_answered])}
    return found


def _mean(values: Floats, what: str) -> dict[str, Any]:
    bounds = mean_interval(values)
    return interval(float(values.mean()), bounds, "" if bounds else f"the {what} do not differ between examples")
