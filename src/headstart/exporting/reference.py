"""What the run's own bundle says of raw inputs, in float32: that is what an exported file is held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.bundle import Bundle
from headstart.core.errors import DataError
from headstart.evaluation.sigmoid import sigmoid
from headstart.evaluation.softmax import softmax

RUNTIME = "onnxruntime"  # in float32; the fit's own may compute in bfloat16, whose rounding is not the file's fault


@dataclass(frozen=True)
class Reference:
    """Answers of the bundle.

    Attributes:
        rows: Positions of the inputs that can be read.
        values: ``(n, K)`` probabilities, or ``(n, 1)`` numbers.
        said: n predictions in words, or numbers.
    """

    rows: list[int]
    values: NDArray[np.float64]
    said: list[Any]


def reference(shipped: Bundle, contents: Sequence[bytes], threads: int | None) -> Reference:
    """Each input by itself, through preparation, network, head and calibration.

    Raises:
        DataError: none can be read.
        MissingExtraError: onnxruntime is not installed.
    """
    predictor = shipped.predictor(RUNTIME, threads=threads, sizes=(1,))
    task = shipped.task()
    rows, outputs = [], []
    for row, content in enumerate(contents):
        try:
            prepared = [over.preparer.prepare(content) for over in predictor.passes]
        except DataError:
            continue
        computed = [over.compute(each[None]) for over, each in zip(predictor.passes, prepared, strict=True)]
        rows.append(row)
        outputs.append(predictor.outputs(computed))
    if not rows:
        raise DataError(f"at least one input must be readable; none of {len(contents)} is.")
    together = np.concatenate(outputs)
    said = list(task.predictions(together)["prediction"])
    if task.kind == "real":
        return Reference(rows, np.asarray(said, np.float64)[:, None], said)
    return Reference(rows, sigmoid(together) if task.kind == "multilabel" else softmax(together), said)
