"""What is said of an example, as columns: the task's own, and those of the postprocessing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headstart.core.learning import Floats, Task
from headstart.postprocessing.postprocessing import Postprocessing, Type
from headstart.postprocessing.unknown import UNKNOWN, is_unknown


@dataclass(frozen=True)
class Answers:
    """A task with the postprocessing of one model."""

    task: Task
    postprocessing: Postprocessing

    @property
    def columns(self) -> dict[str, Type]:
        """Types by name, in order, "prediction" first."""
        text = set() if self.task.kind == "real" else {"prediction"}
        own: dict[str, Type] = {name: "text" if name in text else "number" for name in self.task.prediction_columns}
        return {**own, **self.postprocessing.columns(self.task)}

    def said(self, outputs: Floats, strange: Floats | None = None) -> dict[str, list[Any]]:
        """Python's own values of :attr:`columns`, of n examples; None where a number is not there.

        Args:
            outputs: ``(n, W)``, calibrated.
            strange: ``(n,)`` of :meth:`Postprocessing.domain_p`, where the postprocessing judges features.
        """
        found = {**self.task.predictions(outputs), **self.postprocessing.said(self.task, outputs, strange)}
        found["prediction"] = self._words(outputs, found["prediction"])
        return {name: _plain(found[name]) for name in self.columns}

    def words(self, outputs: Floats) -> list[Any]:
        """The predictions ``(n,)`` of calibrated outputs ``(n, W)``."""
        return _plain(self._words(outputs, self.task.predictions(outputs)["prediction"]))

    def _words(self, outputs: Floats, predicted: Any) -> Any:
        """With "unknown" where the head knows too little."""
        below = self.postprocessing.record.unknown_below
        if below is None:
            return predicted
        return [UNKNOWN if each else word for each, word in zip(is_unknown(outputs, below), predicted, strict=True)]


def _plain(values: Any) -> list[Any]:
    """NaN (no interval can be given) becomes None, since JSON has none."""
    listed = values.tolist() if hasattr(values, "tolist") else list(values)
    return [None if value != value else value for value in listed]  # noqa: PLR0124 - NaN alone differs from itself
