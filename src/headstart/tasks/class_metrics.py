"""The metrics of one class per example, each with its interval, as evidence.json holds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats
from headstart.core.seeding import generator
from headstart.evaluation.calibration import ece_interval, reliability
from headstart.evaluation.confusion import ClassCounts, class_counts, confusion_matrix
from headstart.evaluation.intervals import interval
from headstart.evaluation.macro_average import mean_of_proportions
from headstart.evaluation.macro_f1 import macro_f1, macro_f1_interval
from headstart.evaluation.mean_loss import mean_interval
from headstart.evaluation.proportions import clopper_pearson
from headstart.evaluation.ranking import average_precision, average_precision_interval, roc_auc, roc_auc_interval
from headstart.evaluation.softmax import log_softmax


def log_losses(truth: NDArray[Any], logits: Floats) -> NDArray[np.float64]:
    """``(N,)`` log-loss, natural logarithm, >= 0 and finite for finite logits."""
    # "+ 0.0" turns the -0.0 of a certain and right prediction into 0.0
    return np.asarray(-log_softmax(logits)[np.arange(len(truth)), truth] + 0.0, dtype=np.float64)


def accuracy_of(is_right: NDArray[np.bool_]) -> dict[str, Any]:
    """Share of ``(N,)`` that is right, with its exact interval."""
    hits, n = int(np.count_nonzero(is_right)), len(is_right)
    low, high = clopper_pearson(hits, n)
    return interval(hits / n, (float(low), float(high)))


def macro_averages(counts: ClassCounts) -> dict[str, Any]:
    """Precision and recall averaged over the classes that have examples."""
    here = counts.is_present
    recall = interval(float(counts.recall[here].mean()), mean_of_proportions(counts.hits[here], counts.true[here]))
    precision = interval(
        float(counts.precision[here].mean()), mean_of_proportions(counts.hits[here], counts.predicted[here])
    )
    # Balanced accuracy is macro recall by another name; evidence.json holds both since readers look for either.
    return {"balanced_accuracy": recall, "precision_macro": precision, "recall_macro": dict(recall)}


def macro_f1_of(truth: NDArray[Any], predictions: NDArray[Any], num_classes: int) -> dict[str, Any]:
    """Macro-F1 over the classes that have examples; truth and predictions are ``(N,)`` in 0..K-1."""
    counts = class_counts(truth, predictions, num_classes)
    return interval(macro_f1(counts), macro_f1_interval(truth, predictions, num_classes))


def mean_of(values: NDArray[np.float64], what: str = "losses") -> dict[str, Any]:
    """The mean of ``(N,)`` values that are 0 or more."""
    bounds = mean_interval(values)
    return interval(values.mean(), bounds, "" if bounds else f"the {what} do not differ between examples")


def calibration_of(confidence: NDArray[np.float64], is_right: NDArray[np.bool_], seed: int) -> dict[str, Any]:
    """The expected calibration error of ``(N,)`` probabilities of what was predicted."""
    bins = reliability(np.minimum(confidence, 1.0), is_right)  # a softmax may end 1e-16 above 1
    return interval(bins.ece, ece_interval(bins, generator(seed, "ece")))


def ranking_of(is_positive: NDArray[np.bool_], scores: NDArray[np.float64]) -> dict[str, Any]:
    """How well ``(N,)`` scores put the positives first, ``(N,)`` flags."""
    if is_positive.all() or not is_positive.any():
        missing = interval(None, None, "the test examples are all of one class")
        return {"roc_auc": missing, "average_precision": dict(missing)}
    return {
        "roc_auc": interval(roc_auc(is_positive, scores), roc_auc_interval(is_positive, scores)),
        "average_precision": interval(
            average_precision(is_positive, scores), average_precision_interval(is_positive, scores)
        ),
    }


def per_class(counts: ClassCounts, class_names: Sequence[str]) -> dict[str, Any]:
    """Precision, recall and number of examples by class."""
    recalls = proportions(counts.hits, counts.true, "the class has no test example")
    precisions = proportions(counts.hits, counts.predicted, "the class was never predicted")
    return {
        name: {"precision": precisions[k], "recall": recalls[k], "n": int(counts.true[k])}
        for k, name in enumerate(class_names)
    }


def proportions(successes: NDArray[Any], trials: NDArray[Any], note: str) -> list[dict[str, Any]]:
    """Each of ``(K,)`` proportions with its exact interval; ``note`` where there are no trials."""
    low, high = clopper_pearson(successes, trials)
    return [
        interval(successes[k] / trials[k], (low[k], high[k])) if trials[k] else interval(None, None, note)
        for k in range(len(trials))
    ]


def confusion_section(truth: NDArray[Any], predictions: NDArray[Any], class_names: Sequence[str]) -> dict[str, Any]:
    """``{"class_names": [K], "counts": [K x K]}``: rows the true class, columns the predicted one.

    Truth and predictions are ``(N,)`` in 0..K-1.
    """
    counts = confusion_matrix(truth, predictions, len(class_names))
    return {"class_names": list(class_names), "counts": counts.tolist()}
