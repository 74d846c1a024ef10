"""The metrics of several labels per example, each with its interval, as evidence.json holds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.seeding import generator
from headstart.evaluation.clustered import f1_of_share, label_f1_interval, macro_f1_interval, share_interval
from headstart.evaluation.intervals import interval
from headstart.evaluation.mean_average_precision import mean_average_precision, mean_average_precision_interval
from headstart.evaluation.multilabel import LabelCounts, label_counts, macro_f1, micro_f1
from headstart.tasks.class_metrics import accuracy_of, proportions

Flags = NDArray[np.bool_]
NO_LABEL = "no test example has any of the labels"


def decision_metrics(truth: Flags, given: Flags) -> dict[str, Any]:
    """Everything that depends on decisions, ``(N, L)`` flags each."""
    counts = label_counts(truth, given)
    union = (truth | given).sum(axis=1)
    micro, bounds = micro_f1(counts), share_interval((truth & given).sum(axis=1), union)
    wrong = (truth != given).sum(axis=1)
    return {
        "macro_f1": macro_f1_of(truth, given),
        "micro_f1": interval(None, None, "no label is there and none was given")
        if bounds is None
        else interval(micro, (f1_of_share(bounds[0]), f1_of_share(bounds[1]))),
        "subset_accuracy": accuracy_of(wrong == 0),
        "hamming_loss": interval(
            float(wrong.sum()) / truth.size, share_interval(wrong, np.full(len(wrong), truth.shape[1]))
        ),
    }


def macro_f1_of(truth: Flags, given: Flags) -> dict[str, Any]:
    """Macro-F1 over the labels that have test examples; ``(N, L)`` flags each."""
    bounds = macro_f1_interval(truth, given)
    return interval(macro_f1(label_counts(truth, given)), bounds, "" if bounds else NO_LABEL)


def map_of(truth: Flags, logits: NDArray[Any], seed: int) -> dict[str, Any]:
    """Average precision of a label's ranking of the examples, averaged over labels; ``(N, L)`` each."""
    bounds = mean_average_precision_interval(truth, logits, generator(seed, "map"))
    note = "" if bounds else "no label has both examples with it and examples without"
    return interval(mean_average_precision(truth, logits), bounds, note)


def per_label(counts: LabelCounts, class_names: Sequence[str]) -> dict[str, Any]:
    """Precision, recall, F1 and number of examples by label."""
    recalls = proportions(counts.hits, counts.true, "the label has no test example")
    precisions = proportions(counts.hits, counts.given, "the label was never given")
    return {
        name: {"precision": precisions[k], "recall": recalls[k], "f1": _f1(counts, k), "n": int(counts.true[k])}
        for k, name in enumerate(class_names)
    }


def _f1(counts: LabelCounts, k: int) -> dict[str, Any]:
    hits, union = int(counts.hits[k]), int(counts.union[k])
    if not union:
        return interval(None, None, "the label has no test example and was never given")
    return interval(float(counts.f1[k]), label_f1_interval(hits, union))
