"""How far apart two sets of answers are, and whether that is near enough to ship."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import GateError

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Limits:
    """What may differ.

    Attributes:
        probability: Largest difference of a probability on any example; of numbers, in standard deviations of the
            run's predictions.
        changed: Share of examples whose decision may be another (0-1).
    """

    probability: float = 0.02
    changed: float = 0.005

    def to_dict(self) -> dict[str, float]:
        """JSON."""
        return {"largest_difference": self.probability, "changed_decisions_fraction": self.changed}


@dataclass(frozen=True)
class Apart:
    """What differs on n examples.

    Attributes:
        n: Examples.
        largest: Difference of a probability, or of a number in standard deviations; NaN where one has no answer.
        mean: Over the examples, of the largest difference of each.
        changed: Examples whose decision is another.
    """

    n: int
    largest: float
    mean: float
    changed: int

    def to_dict(self) -> dict[str, Any]:
        """JSON."""
        return {
            "n": self.n,
            "largest_difference": None if np.isnan(self.largest) else self.largest,
            "mean_difference": None if np.isnan(self.mean) else self.mean,
            "changed_decisions": self.changed,
        }


def apart(file: Values, run: Values, file_said: Sequence[Any], run_said: Sequence[Any]) -> Apart:
    """What differs between the file's ``(n, K)`` values and the run's, and between their decisions.

    Args:
        file: Probabilities, or ``(n, 1)`` numbers, NaN where there is no answer.
        run: The same of the run.
        file_said: n predictions in words, None where there is no answer; numbers are not compared as decisions.
        run_said: The same of the run.

    >>> apart(np.array([[0.6, 0.4]]), np.array([[0.5, 0.5]]), ["a"], ["b"]).changed
    1
    """
    unit = 1.0
    if run.shape[1] == 1 and not isinstance(run_said[0], str):
        unit = float(np.std(run)) or float(np.abs(run).max()) or 1.0
    by_example = np.abs(file - run).max(axis=1) / unit
    changed = sum(
        one != other for one, other in zip(file_said, run_said, strict=True) if isinstance(other, str) or one is None
    )
    return Apart(len(run), float(by_example.max()), float(by_example.mean()), changed)


def require_near(found: Mapping[str, Apart], limits: Limits, format_name: str) -> None:
    """Raise GateError unless all are within the limits; ``found`` by what was compared, in words."""
    for what, each in found.items():
        if not each.largest <= limits.probability or each.changed > limits.changed * each.n:  # so that NaN fails
            raise GateError(
                f"an exported model must answer as the run does: a largest difference of {limits.probability:g} and "
                f"{limits.changed * 100:g} % changed decisions are allowed. As {format_name}, {what}, the largest "
                f"difference is {each.largest:.3g} and {each.changed} of {each.n} decisions are others. Nothing was "
                "written. Choose another --format, or allow more with --limit and --changed if that is acceptable."
            )


def require_as_reported(tests: Mapping[str, Any], limits: Limits, format_name: str) -> None:
    """Raise GateError where the file falls behind what the run reported of its own test examples.

    Decisions that the bundle in float32 changes as the file does are due to the precision that the run computed with
    and not held against the file; that it is right as often is, whatever the cause.

    Args:
        tests: JSON of :func:`headstart.exporting.own_tests.own_tests`.
        limits: What may differ; the error of numbers may grow by the share that a probability may differ by.
        format_name: For the message.
    """
    written = tests["as_written"]
    own = written["changed_decisions"] - written["changed_in_the_bundle_too"]
    if "rmse" in tests:
        what, file, run = "root mean squared error", tests["rmse"]["file"], tests["rmse"]["run"]
        is_worse = not file <= run * (1 + limits.probability)
    else:
        what, file, run = "accuracy", tests["accuracy"]["file"], tests["accuracy"]["run"]
        is_worse = not file >= run - limits.changed
    if is_worse or own > limits.changed * tests["n"]:
        raise GateError(
            f"an exported model must be as good as the run reported on its test examples. As {format_name} the {what} "
            f"on {tests['n']} of them is {file:.4g}, of the run {run:.4g}; {written['changed_decisions']} decisions "
            f"are others, {own} of them by the export alone (the run computed with {written['precision']}). Nothing "
            "was written. Choose another --format, or allow more with --changed if that is acceptable."
        )
