"""Several labels: each example has none, one or several of L labels."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from headstart.core.config import Config
from headstart.core.errors import DataError
from headstart.core.learning import Floats, Targets, Task, Wrong
from headstart.core.plugins import Plugin
from headstart.evaluation.clustered import macro_f1_difference
from headstart.evaluation.intervals import interval
from headstart.evaluation.multilabel import label_counts, macro_f1, macro_f1_shares
from headstart.evaluation.sigmoid import binary_log_loss, sigmoid
from headstart.evaluation.thresholds import DEFAULT, best_threshold
from headstart.tasks import multilabel_metrics
from headstart.tasks.class_metrics import mean_of
from headstart.tasks.class_names import in_order
from headstart.tasks.figures import of_100, points, span
from headstart.tasks.label_names import check, describe, label_sizes, matches, notes, separator_in, strata
from headstart.tasks.label_sets import joined, labels_in
from headstart.tasks.outputs import by_name, check_outputs, probability_columns, surest
from headstart.tasks.written import near, some

__all__ = [
    "PLUGIN", "Multilabel", "MultilabelConfig", "check", "configure", "describe", "from_dict", "matches", "notes",
    "strata",
]  # fmt: skip
logger = logging.getLogger(__name__)


class MultilabelConfig(Config):
    """What the outputs mean, and from which probability on a label is given."""

    class_names: tuple[str, ...] = Field(min_length=1, description="Names of the labels in output order.")
    separator: Literal["|", ";"] | None = Field(None, description="What joins names; None where they are JSON lists.")
    thresholds: tuple[float, ...] | None = Field(
        None, description="Probability from which on each label is given; None is 0.5 for all."
    )

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if len(set(self.class_names)) < len(self.class_names):
            raise ValueError("labels must be unique")
        if self.thresholds is not None and len(self.thresholds) != len(self.class_names):
            raise ValueError(f"there must be {len(self.class_names)} thresholds, one per label")
        return self


class Multilabel:
    """L labels, each there or not; see ``core.learning.Task`` for the contract of each member.

    Outputs are one logit per label. A label is given where its probability reaches its threshold.
    """

    name = "multilabel"
    kind: Literal["multilabel"] = "multilabel"
    primary = "macro_f1"
    primary_reason = "every label counts alike, however rare"
    loss_name = "log-loss"

    def __init__(self, config: MultilabelConfig) -> None:
        self.config = config
        self._index = {name: number for number, name in enumerate(config.class_names)}

    @property
    def class_names(self) -> tuple[str, ...]:
        """Labels in output order."""
        return self.config.class_names

    @property
    def thresholds(self) -> Floats:
        """``(L,)`` probabilities."""
        found = self.config.thresholds
        return np.full(len(self.class_names), DEFAULT) if found is None else np.array(found)

    @property
    def prediction_columns(self) -> tuple[str, ...]:
        """The labels joined by ``|``, and the probability of each label."""
        return ("prediction", *probability_columns(self.class_names))

    def encode(self, values: NDArray[Any]) -> Targets:
        """``(N, L)`` float64 of 0 and 1; labels that training never saw are left out, which is logged.

        Raises:
            DataError: none of the labels is known; or a list that holds something else than names.
        """
        sets = [labels_in(value, self.config.separator or separator_in([value])) for value in values]
        encoded = np.zeros((len(sets), len(self.class_names)))
        for row, labels in enumerate(sets):
            encoded[row, [self._index[label] for label in labels if label in self._index]] = 1.0
        there = dict.fromkeys(label for labels in sets for label in labels)
        if unknown := [label for label in there if label not in self._index]:
            if len(unknown) == len(there):
                raise DataError(
                    f"targets must hold labels of the {len(self.class_names)} known ones {some(self.class_names)}; "
                    f"got {some(unknown)}.{near(unknown[0], self.class_names)} Use the labels of the training data, "
                    "or train again with these."
                )
            logger.warning("labels that training never saw were left out: %s", some(unknown))
        return Targets(encoded, self.kind, len(self.class_names))

    def written(self, targets: Targets) -> list[str]:
        """The labels of each example joined by ``|``; empty for none."""
        return self._joined(targets.values > 0)

    def predictions(self, outputs: Floats) -> dict[str, Any]:
        """Columns of a table, see :attr:`prediction_columns`."""
        given = self._given(outputs)
        columns = by_name(probability_columns(self.class_names), sigmoid(outputs))
        return {"prediction": self._joined(given), **columns}

    def settle(self, targets: Targets, out_of_fold: Floats) -> Multilabel:
        """With the threshold of best F1 for each label, on the rows that were held out (``evaluation.thresholds``)."""
        rows = np.isfinite(out_of_fold).all(axis=1)
        truth, probability = targets.values[rows] > 0, sigmoid(out_of_fold[rows])
        thresholds = [best_threshold(truth[:, k], probability[:, k]) for k in range(len(self.class_names))]
        return Multilabel(self.config.model_copy(update={"thresholds": tuple(thresholds)}))

    def loss(self, targets: Targets, outputs: Floats) -> Floats:
        """Mean binary log-loss over the labels, per example ``(N,)``, natural logarithm."""
        check_outputs(outputs, len(self.class_names), targets)
        return np.asarray(binary_log_loss(targets.values, outputs).mean(axis=1), dtype=np.float64)

    def scores(self, targets: Targets, outputs: Floats) -> Floats:
        """Each example's share of macro-F1 ``(N,)``; their mean is macro-F1."""
        return macro_f1_shares(targets.values, self._given(outputs, targets))

    def score(self, targets: Targets, outputs: Floats) -> float:
        """Macro-F1 over the labels that have examples, 0-1; 0 where no label has."""
        return macro_f1(label_counts(targets.values, self._given(outputs, targets))) or 0.0

    def metrics(self, targets: Targets, outputs: Floats, seed: int) -> dict[str, Any]:
        """The ``test`` section: macro_f1, micro_f1, subset_accuracy, hamming_loss, map, log_loss, per_class.

        ``per_class`` holds precision, recall, f1 and n of each label. ``subset_accuracy`` is the share of examples
        whose labels are all right, ``hamming_loss`` the share of wrong decisions. ``seed`` moves the interval of map
        alone.
        """
        truth, given = targets.values > 0, self._given(outputs, targets)
        return {
            **multilabel_metrics.decision_metrics(truth, given),
            "map": multilabel_metrics.map_of(truth, outputs, seed),
            "log_loss": mean_of(np.asarray(self.loss(targets, outputs), np.float64)),
            "per_class": multilabel_metrics.per_label(label_counts(truth, given), self.class_names),
        }

    def compare(
        self, targets: Targets, outputs: Floats, other: Floats, seed: int, other_task: Task | None = None
    ) -> dict[str, Any]:
        """Macro-F1 of ``other``, decided by its own thresholds, and the paired "difference"."""
        theirs = other_task if isinstance(other_task, Multilabel) else self
        truth, given, others = targets.values > 0, self._given(outputs, targets), theirs._given(other, targets)
        value, bounds = macro_f1_difference(truth, given, others)
        note = "" if bounds else "the two decide alike, or too few examples tell them apart"
        return {"macro_f1": multilabel_metrics.macro_f1_of(truth, others), "difference": interval(value, bounds, note)}

    def sentence(self, metrics: Mapping[str, Any], n: int) -> str:
        """Macro-F1 in words, and how many examples are right in all their labels."""
        macro, whole = metrics["macro_f1"], metrics["subset_accuracy"]
        right = f"All labels are right on {of_100(whole['value'])} test examples"
        if macro["value"] is None:
            return f"{right} (n = {n}); none of them has a label."
        return (
            f"The model finds labels with a mean F1 of {macro['value']:.2f} per label ({span(macro)}; n = {n}; 1 is "
            f"perfect). {right}."
        )

    def difference_text(self, difference: Mapping[str, Any]) -> tuple[str, str]:
        """In points of a hundred."""
        return points(difference, "macro-F1")

    def sections(self, targets: Targets, outputs: Floats, seed: int) -> dict[str, Any]:
        """``labels``: ``{"class_names", "thresholds", "true", "given", "hits"}``, each a list by label.

        ``true`` counts test examples that have the label, ``given`` those it was given to, ``hits`` both.
        """
        counts = label_counts(targets.values, self._given(outputs, targets))
        return {
            "labels": {
                "class_names": list(self.class_names),
                "thresholds": self.thresholds.tolist(),
                "true": counts.true.tolist(),
                "given": counts.given.tolist(),
                "hits": counts.hits.tolist(),
            }
        }

    def worst(self, targets: Targets, outputs: Floats, count: int) -> list[Wrong]:
        """The examples with the surest wrong decision on a label; the probability is that of the decision."""
        truth, given = targets.values > 0, self._given(outputs, targets)
        probability = sigmoid(outputs)
        sure = np.where(given != truth, np.where(given, probability, 1 - probability), -1.0).max(axis=1)
        was, said = self._joined(truth), self._joined(given)
        return [
            Wrong(row, was[row] or "no label", said[row] or "no label", float(sure[row]))
            for row in surest((given != truth).any(axis=1), sure, count)
        ]

    def to_dict(self) -> dict[str, Any]:
        """JSON that :func:`from_dict` reads back."""
        return {"task": self.name, **self.config.model_dump(mode="json")}

    def _given(self, outputs: Floats, targets: Targets | None = None) -> NDArray[np.bool_]:
        check_outputs(outputs, len(self.class_names), targets)
        return np.asarray(sigmoid(outputs) >= self.thresholds)

    def _joined(self, flags: NDArray[np.bool_]) -> list[str]:
        return [joined(self.class_names[k] for k in np.flatnonzero(row)) for row in flags]


def configure(targets: Iterable[Any]) -> MultilabelConfig:
    """Labels in output order from the training targets; raises DataError where there is none."""
    values = list(targets)
    sizes = label_sizes(values)
    return MultilabelConfig.parse({"class_names": in_order(sizes), "separator": separator_in(values)}, "task")


def from_dict(document: Mapping[str, Any]) -> Multilabel:
    """The task that :meth:`Multilabel.to_dict` wrote; raises ConfigError for anything else."""
    values = {key: value for key, value in document.items() if key != "task"}
    return Multilabel(MultilabelConfig.parse(values, "task"))


PLUGIN = Plugin(config=MultilabelConfig, build=Multilabel)
