"""What the run's own bundle says of raw inputs, in float32 or its own INT8: what an exported file is held against."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.bundle import Predictor
from headstart.core.errors import DataError
from headstart.core.learning import Floats
from headstart.core.schema import PartSchema
from headstart.core.table import Table
from headstart.core.text_content import texts_of
from headstart.data.column_kinds import typed
from headstart.data.text_inputs import BLANK, Pairs, Texts
from headstart.evaluation.sigmoid import sigmoid
from headstart.evaluation.softmax import softmax
from headstart.exporting.exportable import Exportable
from headstart.exporting.gate import Example
from headstart.runtimes.without_telemetry import import_onnxruntime

# In float32; the fit's own may compute in bfloat16, whose rounding is not the file's fault. INT8 is judged on its own.
RUNTIME = "onnxruntime"


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


def require_reference(model: Exportable) -> None:
    """Raise MissingExtraError where the bundle's own answers could not be computed."""
    if model.networks:
        import_onnxruntime()


def reference(model: Exportable, examples: Sequence[Example], threads: int | None) -> Reference:
    """Each input by itself, through preparation, network, head and calibration.

    Raises:
        DataError: none can be read.
        MissingExtraError: onnxruntime is not installed.
    """
    floats = model.networks and not any(each.is_quantized for each in model.networks)
    predictor = model.shipped.predictor(RUNTIME if floats else "auto", threads=threads, sizes=(1,))
    task = model.shipped.task()
    rows, outputs = [], []
    for row, example in enumerate(examples):
        try:
            outputs.append(_outputs(model, predictor, example))
        except DataError:
            continue
        rows.append(row)
    if not rows:
        raise DataError(f"at least one input must be readable; none of {len(examples)} is.")
    together = np.concatenate(outputs)
    said = list(task.predictions(together)["prediction"])
    if task.kind == "real":
        return Reference(rows, np.asarray(said, np.float64)[:, None], said)
    return Reference(rows, sigmoid(together) if task.kind == "multilabel" else softmax(together), said)


def _outputs(model: Exportable, predictor: Predictor, example: Example) -> Floats:
    """``(1, W)``."""
    schema = model.shipped.schema
    row = json.loads(example.content) if model.is_row else {}
    contents = [_content(part, row, example, model.is_row) for part in schema.parts]
    for each in model.inputs:
        if each.kind == "terms" and each.part is not None and not model.is_row:
            texts_of(contents[each.part])  # an empty text is no input
    computed = [over.compute(over.preparer.prepare(contents[over.part])[None]) for over in predictor.passes]
    columns = {each.name: typed([row[each.name]], each.kind, each.spelling)[0] for each in schema.columns}
    return predictor.outputs(computed, {part: [contents[part]] for part in predictor.contents}, Table(columns))


def _content(part: PartSchema, row: Mapping[str, Any], example: Example, is_row: bool) -> bytes:
    """Bytes of one part of an example."""
    if not is_row:
        return example.content
    cells = [row[name] for name in part.columns or (part.modality,)]
    if part.modality == "text":
        return Texts(cells, BLANK).read(0) if len(cells) == 1 else Pairs(*([cell] for cell in cells)).read(0)
    return example.files[cells[0]]
