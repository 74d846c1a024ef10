"""The model as a function of changed examples, and the one number of its outputs that is explained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.bundle import Predictor
from headstart.core.errors import ConfigError, choice_message
from headstart.core.learning import Floats, TargetKind
from headstart.evaluation.sigmoid import sigmoid
from headstart.evaluation.softmax import softmax
from headstart.explanation.example import Changed, Example
from headstart.explanation.unit import Kept, Units


@dataclass(frozen=True)
class Model:
    """A bundle's predictor, asked about one of its outputs.

    Attributes:
        predictor: In the runtime of the bundle: what is explained is what is served.
        column: Of the outputs.
    """

    predictor: Predictor
    column: int

    @property
    def kind(self) -> TargetKind:
        """Of the targets."""
        return self.predictor.kind

    def scores(self, units: Units, kept: Kept) -> Floats:
        """``(n,)`` probabilities of what is explained (numbers: the prediction), for ``kept`` ``(n, *shape)``."""
        found = score(outputs_of(self.predictor, units.without(kept)), self.column, self.kind)
        return np.asarray(found.reshape(len(kept), units.repeats).mean(axis=1))

    def margins(self, units: Units, kept: Kept) -> Floats:
        """``(n,)``: see :func:`margin`."""
        found = margin(outputs_of(self.predictor, units.without(kept)), self.column, self.kind)
        return np.asarray(found.reshape(len(kept), units.repeats).mean(axis=1))


def features_of(predictor: Predictor, changed: Changed) -> Any:
    """Joined features ``(n, D)`` of n versions of an example, which may be sparse."""
    computed = []
    for over, values in zip(predictor.passes, changed.prepared, strict=True):
        size = over.batch_size
        parts = [over.compute(values[start : start + size]) for start in range(0, len(values), size)]
        computed.append(np.concatenate(parts))
    return predictor.features(computed, changed.contents, changed.table)


def outputs_of(predictor: Predictor, changed: Changed) -> Floats:
    """Outputs ``(n, W)`` of n versions of an example."""
    return predictor.outputs_of(features_of(predictor, changed))


def unchanged(example: Example) -> Changed:
    """An example as it is, as one version of itself."""
    prepared = tuple(values[None] for values in example.prepared)
    return Changed(prepared, {part: [content] for part, content in example.contents.items()}, example.table)


def margin(outputs: Floats, column: int, kind: TargetKind) -> Floats:
    """``(n,)``: what attributions add up to.

    For classes and grades the logit less the mean of all logits, since a softmax takes out what all have in common; for
    sets of labels the label's logit; for numbers the prediction.

    >>> margin(np.array([[1.0, 2.0, 6.0]]), 2, "class")
    array([3.])
    """
    values = np.asarray(outputs, np.float64)
    common = values.mean(axis=1) if kind in ("class", "ordinal") else 0.0
    return np.asarray(values[:, column] - common)


def score(outputs: Floats, column: int, kind: TargetKind) -> Floats:
    """``(n,)`` probabilities of a class, grade or label; of numbers the prediction."""
    if kind == "multilabel":
        return np.asarray(sigmoid(outputs)[:, column], np.float64)
    if kind == "real":
        return np.asarray(outputs[:, column], np.float64)
    return np.asarray(softmax(outputs)[:, column], np.float64)


def direction(weight: NDArray[np.floating[Any]], column: int, kind: TargetKind) -> NDArray[np.float64]:
    """``(D,)``: the derivative of :func:`margin` by the features, of a linear head with ``weight`` ``(W, D)``."""
    return np.asarray(margin(np.asarray(weight, np.float64).T, column, kind), np.float64)


def column_of(name: str | None, outputs: Floats, names: Sequence[str], kind: TargetKind) -> int:
    """The output that is asked about: that of a class by name, else the largest of ``outputs`` ``(1, W)``.

    Raises:
        ConfigError: no such class, or a class of a model that predicts numbers.
    """
    if kind == "real":
        if name is not None:
            raise ConfigError(f"a model that predicts a number has no classes; got --class {name!r}. Leave it out.")
        return 0
    if name is None:
        return int(np.argmax(outputs[0]))
    if name not in names:
        raise ConfigError(choice_message("the class to explain", name, names))
    return list(names).index(name)
