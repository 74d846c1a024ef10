"""Outputs made into answers: calibrated, with a set, and with a word on when not to trust them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from headstart.core import plugins
from headstart.core.learning import Floats, TargetKind, Task
from headstart.evaluation.calibrators.choose import calibrated
from headstart.evaluation.conformal import sets
from headstart.evaluation.out_of_domain.contract import Detector
from headstart.evaluation.out_of_domain.p_values import is_out_of_domain, p_values
from headstart.evaluation.sigmoid import sigmoid
from headstart.evaluation.softmax import softmax
from headstart.postprocessing.record import PostprocessingRecord

Type = Literal["text", "number", "flag"]
CALIBRATOR, DOMAIN = "calibrator.", "domain."  # prefixes of arrays
DETECTORS = "evaluation.out_of_domain"
REFERENCE = "reference"  # strangeness of held-out rows, ascending


@dataclass(frozen=True)
class Postprocessing:
    """Applied to a head's outputs ``(N, W)``; the default does nothing and says nothing.

    Attributes:
        record: What was chosen.
        arrays: What it needs, by prefix.
    """

    record: PostprocessingRecord = PostprocessingRecord()
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    @classmethod
    def of_calibrator(cls, name: str, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Which does nothing else."""
        return cls(PostprocessingRecord(calibrator=name), {CALIBRATOR + key: array for key, array in arrays.items()})

    def outputs(self, outputs: Floats, kind: TargetKind) -> Floats:
        """Calibrated, ``(N, W)``."""
        if self.record.calibrator == "none":
            return outputs
        return calibrated(self.record.calibrator, self.under(CALIBRATOR), outputs, kind)

    def columns(self, task: Task) -> dict[str, Type]:
        """Names and types of what is said beside the task's own columns, in order."""
        record, found = self.record, dict[str, Type]()
        if record.set_thresholds is not None and task.kind != "real":
            found["set"] = "text"
        if record.answer_from is not None:
            found["abstain"] = "flag"
        if self.judges_domain:
            found |= {"out_of_domain": "flag", "out_of_domain_p": "number"}
        return found

    @property
    def judges_domain(self) -> bool:
        """Whether features are looked at."""
        return self.record.out_of_domain is not None

    def said(self, task: Task, outputs: Floats, strange: Floats | None) -> dict[str, list[Any]]:
        """Values of :meth:`columns`, of n examples.

        Args:
            task: Whose names and decisions they are.
            outputs: ``(n, W)``, calibrated.
            strange: ``(n,)`` of :meth:`domain_p`; None where nobody looks at features.
        """
        record, found = self.record, dict[str, list[Any]]()
        if record.set_thresholds is not None and task.kind != "real":
            held = sets_of(outputs, task.kind, record.set_thresholds)
            found["set"] = ["|".join(_named(task.class_names, row)) for row in held]
        if record.answer_from is not None:
            found["abstain"] = (confidence(task, outputs) < record.answer_from).tolist()
        if self.judges_domain and strange is not None:
            found["out_of_domain"] = is_out_of_domain(strange, record.false_alarms).tolist()
            found["out_of_domain_p"] = strange.tolist()
        return found

    def domain_p(self, features: Any) -> Floats | None:
        """``(n,)`` shares of held-out examples that were at least as strange: small means unlike all of them.

        None where nobody looks at ``features`` ``(n, D)``.
        """
        if not self.judges_domain:
            return None
        arrays = self._domain
        return p_values(arrays[REFERENCE], self._detector.score(arrays, features))

    @cached_property
    def _domain(self) -> dict[str, NDArray[Any]]:
        """In float64, as the arithmetic needs them: to convert them for a row takes longer than to use them."""
        return {name: np.asarray(array, np.float64) for name, array in self.under(DOMAIN).items()}

    @cached_property
    def _detector(self) -> Detector:
        return detector(str(self.record.out_of_domain))

    def under(self, prefix: str) -> dict[str, NDArray[Any]]:
        """Arrays of one part, by name."""
        return {name.removeprefix(prefix): array for name, array in self.arrays.items() if name.startswith(prefix)}


def detector(name: str) -> Detector:
    """Measure of strangeness, by name."""
    plugin = plugins.load(DETECTORS, name)
    built: Detector = plugin.build(plugin.config())
    return built


def sets_of(outputs: Floats, kind: TargetKind, thresholds: Sequence[float]) -> NDArray[np.bool_]:
    """Which classes or labels each set holds, ``(n, W)``, for one threshold or one of each class."""
    threshold = np.array(thresholds) if len(thresholds) > 1 else float(thresholds[0])
    if kind == "multilabel":
        return np.asarray(sigmoid(outputs) >= threshold)
    return sets(softmax(outputs), threshold)


def confidence(task: Task, outputs: Floats) -> Floats:
    """``(n,)`` probability of what is predicted, classes or grades."""
    return np.asarray(task.predictions(outputs)["probability"], dtype=np.float64)


def _named(names: Sequence[str], held: NDArray[np.bool_]) -> list[str]:
    return [names[int(k)] for k in np.flatnonzero(held)]
