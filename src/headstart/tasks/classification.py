"""Classification: each example has one of K classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from headstart.core.config import Config
from headstart.core.learning import Floats, Targets, Task, Wrong
from headstart.core.metric import metric_in_words
from headstart.core.plugins import Plugin
from headstart.evaluation.confusion import class_counts
from headstart.evaluation.intervals import interval
from headstart.evaluation.macro_f1 import f1_shares, macro_f1_difference
from headstart.evaluation.proportions import paired_difference
from headstart.evaluation.softmax import softmax
from headstart.tasks import class_metrics
from headstart.tasks.class_names import check, class_sizes, describe, in_order, matches, notes, strata
from headstart.tasks.decision import DecisionRule, settled_rule
from headstart.tasks.decision_request import DecisionRequest
from headstart.tasks.decision_section import decision_section
from headstart.tasks.figures import of_100, percent_span, points
from headstart.tasks.known import require_known
from headstart.tasks.outputs import by_name, check_outputs, probability_columns, surest
from headstart.tasks.rare_classes import rare_class_rule
from headstart.tasks.written import LISTED, as_name

__all__ = [
    "PLUGIN", "Classification", "ClassificationConfig", "check", "configure", "describe", "from_dict", "matches",
    "notes", "strata",
]  # fmt: skip
MINORITY_FRACTION = 0.10  # a class rarer than this among the training targets makes accuracy misleading


class ClassificationConfig(Config):
    """What a classifier's outputs mean and which metric decides."""

    class_names: tuple[str, ...] = Field(min_length=2, description="Names of the classes in output order.")
    primary: Literal["accuracy", "macro_f1"] = Field(
        "accuracy", description="The metric that decides. macro_f1 where a class is rare, since accuracy ignores it."
    )
    decision: DecisionRequest | None = Field(None, description="How classes are decided; None: the most probable one.")
    for_rare: bool = Field(
        False, description="Without a `decision`: lean towards rare classes as far as held-out rows gain macro-F1."
    )
    rule: DecisionRule | None = Field(None, description="What held-out rows made of these; None before that.")

    @field_validator("class_names")
    @classmethod
    def _are_unique(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        names = tuple(as_name(name) for name in names)
        if twice := [name for name, count in Counter(names).items() if count > 1]:
            raise ValueError(f"class names must be unique; {twice[:LISTED]} come more than once")
        return names


class Classification:
    """K classes, one per example; see ``core.learning.Task`` for the contract of each member.

    Ties between logits go to the class that comes first in ``class_names``. The most probable class is predicted unless
    the config has a ``decision`` (:mod:`headstart.tasks.decision`) or is ``for_rare``
    (:mod:`headstart.tasks.rare_classes`) and :meth:`settle` saw held-out rows. Logits that
    are not finite are refused: no probability follows from them.
    """

    name = "classification"
    kind: Literal["class"] = "class"
    loss_name = "log-loss"

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

    @property
    def primary_reason(self) -> str:
        """Why that one."""
        if self.primary == "macro_f1":
            return "a class is rare, and accuracy would hardly notice if it were never found"
        return "no class is rare"

    @property
    def prediction_columns(self) -> tuple[str, ...]:
        """The class, its probability, and the probability of each class."""
        return ("prediction", "probability", *probability_columns(self.class_names))

    def encode(self, values: NDArray[Any]) -> Targets:
        """Class numbers ``(N,)`` int64; raises DataError naming the values that are no class of this task."""
        names = [as_name(value) for value in values]
        require_known(names, self.class_names, "classes")
        return Targets(np.array([self._index[name] for name in names], np.int64), self.kind, len(self.class_names))

    def written(self, targets: Targets) -> list[str]:
        """Class names."""
        return [self.class_names[value] for value in targets.values]

    def predictions(self, outputs: Floats) -> dict[str, Any]:
        """Columns of a table, see :attr:`prediction_columns`."""
        chosen, probabilities = self._predicted(outputs), softmax(outputs)
        return {
            "prediction": [self.class_names[k] for k in chosen],
            "probability": probabilities[np.arange(len(chosen)), chosen],
            **by_name(probability_columns(self.class_names), probabilities),
        }

    def settle(self, targets: Targets, out_of_fold: Floats) -> Classification:
        """With the rule that was asked for; itself where the most probable class is meant."""
        if self.config.decision is None and not self.config.for_rare:
            return self
        rows = np.isfinite(out_of_fold).all(axis=1)
        probabilities = softmax(out_of_fold[rows]) if rows.any() else np.zeros((0, len(self.class_names)))
        truth = targets.values[rows]
        rule = (
            settled_rule(self.config.decision, self.class_names, truth, probabilities)
            if self.config.decision
            else rare_class_rule(targets.values, truth, probabilities)
        )
        return Classification(self.config.model_copy(update={"rule": rule}))

    def loss(self, targets: Targets, outputs: Floats) -> Floats:
        """Log-loss per example ``(N,)``, natural logarithm, >= 0 and finite."""
        check_outputs(outputs, len(self.class_names), targets)
        return class_metrics.log_losses(targets.values, outputs)

    def scores(self, targets: Targets, outputs: Floats) -> Floats:
        """Each example's share of the primary metric ``(N,)``; their mean is the metric."""
        predictions = self._predicted(outputs, targets)
        if self.primary == "macro_f1":
            return f1_shares(targets.values, predictions, len(self.class_names))
        return np.asarray(predictions == targets.values, dtype=np.float64)

    def score(self, targets: Targets, outputs: Floats) -> float:
        """Accuracy or macro-F1, 0-1."""
        return float(self.scores(targets, outputs).mean())

    def metrics(self, targets: Targets, outputs: Floats, seed: int) -> dict[str, Any]:
        """The ``test`` section: each metric as ``{"value", "low", "high", "level"}``.

        Macro averages run over the classes that have test examples. Where no interval can be given the bounds are
        None and a key "note" says why (``evaluation.intervals.warnings_of`` collects them); where the metric itself
        is undefined (the recall of a class without examples) the value is None too. ``seed`` moves the interval of
        the calibration error alone; the others are computed in closed form.
        """
        truth, predictions, k = targets.values, self._predicted(outputs, targets), len(self.class_names)
        counts, probabilities = class_counts(truth, predictions, k), softmax(outputs)
        section = {
            "accuracy": class_metrics.accuracy_of(predictions == truth),
            **class_metrics.macro_averages(counts),
            "macro_f1": class_metrics.macro_f1_of(truth, predictions, k),
            "log_loss": class_metrics.mean_of(class_metrics.log_losses(truth, outputs)),
            "ece": class_metrics.calibration_of(probabilities.max(axis=1), probabilities.argmax(axis=1) == truth, seed),
        }
        if k == 2:  # of two classes the second in order is the positive one
            margin = np.asarray(outputs[:, 1], float) - np.asarray(outputs[:, 0], float)
            section |= class_metrics.ranking_of(truth == 1, margin)
        return {**section, "per_class": class_metrics.per_class(counts, self.class_names)}

    def compare(
        self, targets: Targets, outputs: Floats, other: Floats, seed: int, other_task: Task | None = None
    ) -> dict[str, Any]:
        """The primary metric of ``other``, and the paired "difference": that of ``outputs`` minus that of ``other``.

        Both differences come from a score interval, so ``seed`` changes nothing here.
        """
        truth, k = targets.values, len(self.class_names)
        others_task = other_task if isinstance(other_task, Classification) else self
        mine, theirs = self._predicted(outputs, targets), others_task._predicted(other, targets)
        if self.primary == "macro_f1":
            value, low, high = macro_f1_difference(truth, mine, theirs, k)
            theirs_ = class_metrics.macro_f1_of(truth, theirs, k)
            return {"macro_f1": theirs_, "difference": interval(value, (low, high))}
        right, others = mine == truth, theirs == truth
        only_mine, only_theirs = int((right & ~others).sum()), int((others & ~right).sum())
        low_, high_ = paired_difference(only_mine, only_theirs, len(truth))
        difference = interval((only_mine - only_theirs) / len(truth), (float(low_), float(high_)))
        return {"accuracy": class_metrics.accuracy_of(others), "difference": difference}

    def sentence(self, metrics: Mapping[str, Any], n: int) -> str:
        """How many of a hundred are right, and macro-F1 where it decides."""
        accuracy = metrics["accuracy"]
        right = f"The model is right on {of_100(accuracy['value'])} test examples"
        sentence = f"{right} ({percent_span(accuracy)}; n = {n})."
        if self.primary == "accuracy":
            return sentence
        rare = metrics[self.primary]
        bounds = "no interval" if rare["low"] is None else f"{rare['low']:.2f} to {rare['high']:.2f}"
        return f"{sentence} Some classes are rare, so macro-F1 counts: {rare['value']:.2f} ({bounds})."

    def difference_text(self, difference: Mapping[str, Any]) -> tuple[str, str]:
        """In points of a hundred."""
        return points(difference, metric_in_words(self.primary))

    def sections(self, targets: Targets, outputs: Floats, seed: int) -> dict[str, Any]:
        """``confusion``: ``{"class_names": [K], "counts": [K x K]}``, rows the true class; ``decision`` where there
        is something to decide (:func:`headstart.tasks.decision_section.decision_section`).
        """
        predictions, config = self._predicted(outputs, targets), self.config
        return {
            "confusion": class_metrics.confusion_section(targets.values, predictions, self.class_names),
            **decision_section(config.decision, config.rule, self.class_names, targets.values, softmax(outputs)),
        }

    def worst(self, targets: Targets, outputs: Floats, count: int) -> list[Wrong]:
        """The wrong predictions of highest probability."""
        chosen, probabilities = self._predicted(outputs, targets), softmax(outputs)
        sure = probabilities[np.arange(len(chosen)), chosen]
        return [
            Wrong(row, self.class_names[targets.values[row]], self.class_names[chosen[row]], float(sure[row]))
            for row in surest(chosen != targets.values, sure, count)
        ]

    def to_dict(self) -> dict[str, Any]:
        """JSON that :func:`from_dict` reads back."""
        said = {"task": self.name, "class_names": list(self.class_names), "primary": self.primary}
        chosen = self.config.model_dump(mode="json", include={"decision", "rule"}, exclude_none=True)
        return {**said, **chosen}

    def _predicted(self, outputs: Floats, targets: Targets | None = None) -> NDArray[np.int64]:
        check_outputs(outputs, len(self.class_names), targets)
        if self.config.rule is not None:
            return self.config.rule.decide(softmax(outputs))
        return np.asarray(outputs.argmax(axis=1), dtype=np.int64)


def configure(targets: Iterable[Any]) -> ClassificationConfig:
    """Class names and primary metric from the training targets.

    Names are in numeric order when all are numbers, else by code point. The primary metric is macro_f1 when the
    rarest class is below a tenth of the examples and below half of an equal share (of eleven equal classes each is
    below a tenth, and none is rare), else accuracy.

    Raises:
        DataError: fewer than two classes.
    """
    sizes = class_sizes(targets)
    total, rarest = sum(sizes.values()), min(sizes.values())
    is_rare = rarest < MINORITY_FRACTION * total and rarest < total / (2 * len(sizes))
    return ClassificationConfig(class_names=in_order(sizes), primary="macro_f1" if is_rare else "accuracy")


def from_dict(document: Mapping[str, Any]) -> Classification:
    """The task that :meth:`Classification.to_dict` wrote; raises ConfigError for anything else."""
    values = {key: value for key, value in document.items() if key != "task"}
    return Classification(ClassificationConfig.parse(values, "task"))


PLUGIN = Plugin(config=ClassificationConfig, build=Classification)
