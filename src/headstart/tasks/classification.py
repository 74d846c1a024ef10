"""Classification: each example has one of K classes."""

from __future__ import annotations

import difflib
import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from headstart.core.config import Config
from headstart.core.errors import DataError, HeadstartError, ShapeError
from headstart.core.learning import Targets
from headstart.core.plugins import Plugin
from headstart.core.seeding import generator
from headstart.evaluation.calibration import ece_interval, reliability
from headstart.evaluation.confusion import ClassCounts, class_counts, confusion_matrix
from headstart.evaluation.intervals import interval
from headstart.evaluation.macro_average import mean_of_proportions
from headstart.evaluation.macro_f1 import f1_shares, macro_f1, macro_f1_difference, macro_f1_interval
from headstart.evaluation.mean_loss import mean_interval
from headstart.evaluation.proportions import clopper_pearson, paired_difference
from headstart.evaluation.ranking import average_precision, average_precision_interval, roc_auc, roc_auc_interval
from headstart.evaluation.softmax import log_softmax, softmax

Floats = NDArray[np.floating[Any]]
MINORITY_FRACTION = 0.10  # a class rarer than this among the training targets makes accuracy misleading
FEW_VALUES = 20  # numbers with at most this many distinct values are taken for classes
LISTED = 5  # unknown values named in an error


class ClassificationConfig(Config):
    """What a classifier's outputs mean and which metric decides."""

    class_names: tuple[str, ...] = Field(min_length=2, description="Names of the classes in output order.")
    primary: Literal["accuracy", "macro_f1"] = Field(
        "accuracy", description="The metric that decides. macro_f1 where a class is rare, since accuracy ignores it."
    )

    @field_validator("class_names")
    @classmethod
    def _are_unique(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        names = tuple(_as_name(name) for name in names)
        if twice := [name for name, count in Counter(names).items() if count > 1]:
            raise ValueError(f"class names must be unique; {twice[:LISTED]} come more than once")
        return names


class Classification:
    """K classes, one per example; see ``core.learning.Task`` for the contract of each member.

    Ties between logits go to the class that comes first in ``class_names``. Logits that are not finite are refused:
    no probability follows from them.
    """

    name = "classification"

    def __init__(self, config: ClassificationConfig) -> None:
        self.config = config
        self._index = {name: number for number, name in enumerate(config.class_names)}

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names in output order."""
        return self.config.class_names

    @property
    def primary(self) -> str:
        """The metric that decides."""
        return self.config.primary

    def encode(self, values: NDArray[Any]) -> Targets:
        """Class numbers ``(N,)`` int64; raises DataError naming the values that are no class of this task."""
        names = [_as_name(value) for value in values]
        if unknown := [name for name in dict.fromkeys(names) if name not in self._index]:
            near = difflib.get_close_matches(unknown[0], self.class_names, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise DataError(
                f"every target must be one of the {len(self.class_names)} classes {_some(self.class_names)}; got "
                f"{_some(unknown)}.{hint} Use the class names of the training data, or train again with these."
            )
        return Targets(np.array([self._index[name] for name in names], np.int64), "class", len(self.class_names))

    def decode(self, logits: Floats) -> tuple[NDArray[Any], Floats]:
        """Class names ``(N,)`` as an object array, and probabilities ``(N, K)`` float64."""
        names = np.array(self.class_names, dtype=object)
        return names[self._predictions(logits)], softmax(logits)

    def loss(self, targets: Targets, logits: Floats) -> Floats:
        """Log-loss per example ``(N,)``, natural logarithm, >= 0 and finite."""
        self._check(logits, targets)
        return self._losses(targets.values, logits)

    def scores(self, targets: Targets, logits: Floats) -> Floats:
        """Each example's share of the primary metric ``(N,)``; their mean is the metric."""
        self._check(logits, targets)
        predictions = self._predictions(logits)
        if self.primary == "macro_f1":
            return f1_shares(targets.values, predictions, len(self.class_names))
        return np.asarray(predictions == targets.values, dtype=np.float64)

    def metrics(self, targets: Targets, logits: Floats, seed: int) -> dict[str, Any]:
        """The ``test`` section: each metric as ``{"value", "low", "high", "level"}``.

        Macro averages run over the classes that have test examples. Where no interval can be given the bounds are
        None and a key "note" says why (``evaluation.intervals.warnings_of`` collects them); where the metric itself
        is undefined (the recall of a class without examples) the value is None too. ``seed`` moves the interval of
        the calibration error alone; the others are computed in closed form.
        """
        self._check(logits, targets)
        truth, predictions = targets.values, self._predictions(logits)
        counts = class_counts(truth, predictions, len(self.class_names))
        probabilities = softmax(logits)
        section = {
            "accuracy": _accuracy(counts),
            **_macro_averages(counts),
            "macro_f1": self._macro_f1(truth, predictions),
            "log_loss": _mean(self._losses(truth, logits)),
            "ece": _calibration(probabilities.max(axis=1), predictions == truth, seed),
        }
        if len(self.class_names) == 2:
            section |= _ranking(truth == 1, np.asarray(logits[:, 1], float) - np.asarray(logits[:, 0], float))
        return {**section, "per_class": self._per_class(counts)}

    def compare(self, targets: Targets, logits: Floats, other: Floats, seed: int) -> dict[str, Any]:
        """The primary metric of ``other``, and the paired "difference": that of ``logits`` minus that of ``other``.

        Both differences come from a score interval, so ``seed`` changes nothing here.
        """
        self._check(logits, targets)
        self._check(other, targets)
        truth, mine, theirs = targets.values, self._predictions(logits), self._predictions(other)
        if self.primary == "macro_f1":
            value, low, high = macro_f1_difference(truth, mine, theirs, len(self.class_names))
            return {"macro_f1": self._macro_f1(truth, theirs), "difference": interval(value, (low, high))}
        right, others = mine == truth, theirs == truth
        only_mine, only_theirs = int((right & ~others).sum()), int((others & ~right).sum())
        low_, high_ = paired_difference(only_mine, only_theirs, len(truth))
        difference = interval((only_mine - only_theirs) / len(truth), (float(low_), float(high_)))
        return {"accuracy": _accuracy(class_counts(truth, theirs, len(self.class_names))), "difference": difference}

    def confusion(self, targets: Targets, logits: Floats) -> dict[str, Any]:
        """``{"class_names": [K], "counts": [K x K]}``: rows the true class, columns the predicted one."""
        self._check(logits, targets)
        counts = confusion_matrix(targets.values, self._predictions(logits), len(self.class_names))
        return {"class_names": list(self.class_names), "counts": counts.tolist()}

    def to_dict(self) -> dict[str, Any]:
        """JSON that :func:`from_dict` reads back."""
        return {"task": self.name, "class_names": list(self.class_names), "primary": self.primary}

    def _predictions(self, logits: Floats) -> NDArray[np.int64]:
        self._check(logits)
        return np.asarray(logits.argmax(axis=1), dtype=np.int64)

    def _losses(self, truth: NDArray[Any], logits: Floats) -> NDArray[np.float64]:
        # "+ 0.0" turns the -0.0 of a certain and right prediction into 0.0
        return np.asarray(-log_softmax(logits)[np.arange(len(truth)), truth] + 0.0, dtype=np.float64)

    def _macro_f1(self, truth: NDArray[Any], predictions: NDArray[Any]) -> dict[str, Any]:
        counts = class_counts(truth, predictions, len(self.class_names))
        return interval(macro_f1(counts), macro_f1_interval(truth, predictions, len(self.class_names)))

    def _per_class(self, counts: ClassCounts) -> dict[str, Any]:
        recalls = _proportions(counts.hits, counts.true, "the class has no test example")
        precisions = _proportions(counts.hits, counts.predicted, "the class was never predicted")
        return {
            name: {"precision": precisions[k], "recall": recalls[k], "n": int(counts.true[k])}
            for k, name in enumerate(self.class_names)
        }

    def _check(self, logits: Floats, targets: Targets | None = None) -> None:
        expected = (len(targets.values) if targets is not None else len(logits), len(self.class_names))
        if logits.shape != expected:
            raise ShapeError(
                f"logits must have shape {expected}: one row per example, one column per class; got {logits.shape}."
            )
        if not np.isfinite(logits).all():
            rows = np.flatnonzero(~np.isfinite(logits).all(axis=1))
            raise HeadstartError(
                f"logits must be finite; {len(rows)} of {len(logits)} rows hold NaN or infinity, row {rows[0]} first. "
                "The method or runtime that computed them is at fault."
            )


def matches(targets: Iterable[Any]) -> str | None:
    """Why these targets are classes, as a clause to print; None when they are not.

    Text is; numbers are when they take few distinct values or are the codes 0..K-1. JSON lists and names joined by
    ``|`` or ``;`` are several labels per example and are not.
    """
    names = [_as_name(value) for value in targets]
    distinct = set(names)
    if not names or _are_label_sets(distinct):
        return None
    numbers = [number for name in distinct if (number := _number(name)) is not None]
    if len(numbers) < len(distinct):
        return f"the targets are text with {len(distinct)} distinct values"
    if len(distinct) <= FEW_VALUES:
        return f"the targets are numbers with only {len(distinct)} distinct values"
    if sorted(numbers) == list(range(len(distinct))) and len(names) >= 2 * len(distinct):
        return f"the targets are the codes 0 to {len(distinct) - 1}"
    return None


def configure(targets: Iterable[Any]) -> ClassificationConfig:
    """Class names and primary metric from the training targets.

    Names are in numeric order when all are numbers, else by code point. The primary metric is macro_f1 when the
    rarest class is below a tenth of the examples and below half of an equal share (of eleven equal classes each is
    below a tenth, and none is rare), else accuracy.

    Raises:
        DataError: fewer than two classes.
    """
    counts = Counter(_as_name(value) for value in targets)
    if len(counts) < 2:
        raise DataError(
            f"classification needs at least two classes; got {sorted(counts)}. "
            "Add examples of another class, or check which column or folder level holds the classes."
        )
    numbers = {name: number for name in counts if (number := _number(name)) is not None}
    is_numeric = len(numbers) == len(counts)
    names = sorted(counts, key=lambda name: (numbers[name], name)) if is_numeric else sorted(counts)
    total, rarest = sum(counts.values()), min(counts.values())
    is_rare = rarest < MINORITY_FRACTION * total and rarest < total / (2 * len(counts))
    return ClassificationConfig(class_names=tuple(names), primary="macro_f1" if is_rare else "accuracy")


def from_dict(document: Mapping[str, Any]) -> Classification:
    """The task that :meth:`Classification.to_dict` wrote; raises ConfigError for anything else."""
    values = {key: value for key, value in document.items() if key != "task"}
    return Classification(ClassificationConfig.parse(values, "task"))


def _as_name(value: Any) -> str:
    return unicodedata.normalize("NFC", str(value))


def _number(name: str) -> float | None:
    try:
        number = float(name)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _are_label_sets(distinct: set[str]) -> bool:
    if all(name.startswith("[") for name in distinct):
        return all(isinstance(_json(name), list) for name in distinct)
    for separator in "|;":
        parts = Counter(part.strip() for name in distinct for part in name.split(separator))
        # Names that come back in other combinations are labels; in prose a clause does not repeat.
        if len(parts) < len(distinct):
            return True
    return False


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return None


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - LISTED} more" if len(listed) > LISTED else ""
    return f"{listed[:LISTED]}{more}"


def _accuracy(counts: ClassCounts) -> dict[str, Any]:
    hits, n = int(counts.hits.sum()), int(counts.true.sum())
    low, high = clopper_pearson(hits, n)
    return interval(hits / n, (float(low), float(high)))


def _macro_averages(counts: ClassCounts) -> dict[str, Any]:
    here = counts.is_present
    recall = interval(float(counts.recall[here].mean()), mean_of_proportions(counts.hits[here], counts.true[here]))
    precision = interval(
        float(counts.precision[here].mean()), mean_of_proportions(counts.hits[here], counts.predicted[here])
    )
    # Balanced accuracy is macro recall by another name; evidence.json holds both since readers look for either.
    return {"balanced_accuracy": recall, "precision_macro": precision, "recall_macro": dict(recall)}


def _mean(losses: NDArray[np.float64]) -> dict[str, Any]:
    bounds = mean_interval(losses)
    return interval(losses.mean(), bounds, "" if bounds else "the losses do not differ between examples")


def _calibration(confidence: NDArray[np.float64], is_right: NDArray[np.bool_], seed: int) -> dict[str, Any]:
    bins = reliability(np.minimum(confidence, 1.0), is_right)  # a softmax may end 1e-16 above 1
    return interval(bins.ece, ece_interval(bins, generator(seed, "ece")))


def _ranking(is_positive: NDArray[np.bool_], scores: NDArray[np.float64]) -> dict[str, Any]:
    """Of two classes the second in order is the positive one."""
    if is_positive.all() or not is_positive.any():
        missing = interval(None, None, "the test examples are all of one class")
        return {"roc_auc": missing, "average_precision": dict(missing)}
    return {
        "roc_auc": interval(roc_auc(is_positive, scores), roc_auc_interval(is_positive, scores)),
        "average_precision": interval(
            average_precision(is_positive, scores), average_precision_interval(is_positive, scores)
        ),
    }


def _proportions(successes: NDArray[Any], trials: NDArray[Any], note: str) -> list[dict[str, Any]]:
    low, high = clopper_pearson(successes, trials)
    return [
        interval(successes[k] / trials[k], (low[k], high[k])) if trials[k] else interval(None, None, note)
        for k in range(len(trials))
    ]


PLUGIN = Plugin(config=ClassificationConfig, build=Classification)
