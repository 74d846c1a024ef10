"""Targets that became known, counted beside the predictions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError
from headstart.core.learning import Floats, Task
from headstart.monitoring.learned import absolute_errors
from headstart.monitoring.reference import Reference
from headstart.monitoring.window import Window

UNKNOWN = -1
SHOWN = 3  # names listed in a note


class Truth:
    """Targets of a data set, as users write them.

    Targets that are no class of the model count as wrong answers, unless none of them is one: then the folders or the
    column mean something else, and nothing is measured.
    """

    def __init__(self, reference: Reference, task: Task, targets: NDArray[Any]) -> None:
        self._reference, self._task = reference, task
        self._targets = targets
        self.unknown: dict[str, int] = {}
        self._numbers = self._known()

    @property
    def is_there(self) -> bool:
        """Whether anything can be measured."""
        return self._numbers is not None

    def tell(self, window: Window, outputs: Floats, rows: NDArray[np.int64]) -> None:
        """Count what is known of some rows, whose outputs ``(n, W)`` these are."""
        if self._numbers is None:
            return
        given = np.array([self._targets[row] is not None for row in rows], dtype=bool)
        if not given.any():
            return
        if self._task.kind == "real":
            errors = absolute_errors(self._task, outputs[given], self._task.encode(self._targets[rows[given]]))
            window.told_errors(self._reference, errors)
            return
        index = {name: number for number, name in enumerate(self._task.class_names)}
        predicted = [index[name] for name in self._task.predictions(outputs[given])["prediction"]]
        truth = [self._numbers[self._targets[row]] for row in rows[given]]
        if len(window.right):
            window.told(predicted, [one == other for one, other in zip(predicted, truth, strict=True)])

    @property
    def notes(self) -> list[str]:
        """Sentences."""
        if not self.unknown:
            return []
        n, names = sum(self.unknown.values()), sorted(self.unknown)
        listed = ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
        if self.is_there:
            return [f"{n} examples have a class that the model does not know ({listed}); they count as wrong."]
        return [f"no target is a class of the model ({listed}), so nothing was measured."]

    def _known(self) -> dict[Any, int] | None:
        """Class numbers of the targets; None where nothing can be measured."""
        values = [value for value in self._targets if value is not None]
        if not values or self._task.kind == "multilabel":
            return None
        if self._task.kind == "real":
            try:
                self._task.encode(np.array(values, dtype=object))
            except DataError:
                self.unknown = {"not a number": len(values)}
                return None
            return {}
        found: dict[Any, int] = {}
        for value in dict.fromkeys(values):
            try:
                found[value] = int(self._task.encode(np.array([value], dtype=object)).values[0])
            except DataError:
                found[value] = UNKNOWN
                self.unknown[str(value)] = values.count(value)
        return None if all(number == UNKNOWN for number in found.values()) else found


def rightness(task: Task, prediction: str | None, verdict: str | None, label: str | None) -> tuple[int, bool] | None:
    """Number of the predicted class, and whether feedback calls it right; None where that cannot be told.

    Args:
        task: Of classes; of other tasks nothing is told.
        prediction: What was said.
        verdict: "right" or "wrong"; counts where there is no label.
        label: What is right.
    """
    if task.kind not in ("class", "ordinal") or prediction not in task.class_names:
        return None
    if label is None and verdict is None:
        return None
    return task.class_names.index(prediction), (label == prediction) if label is not None else verdict == "right"
