"""The columns of predictions/test.parquet and held_out.parquet: what was said of each example, beside its target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from headstart.core.learning import Floats, Targets
from headstart.postprocessing.answers import Answers

SLICE = "slice_"  # before the name of a column to report by


def prediction_columns(
    ids: Sequence[str],
    targets: Targets,
    outputs: Floats,
    answers: Answers,
    strange: Floats | None,
    slices: Mapping[str, NDArray[Any]],
    split: str = "test",
) -> dict[str, Any]:
    """Columns by name, N values each.

    Args:
        ids: Of N examples.
        targets: Of them.
        outputs: ``(N, W)``, calibrated.
        answers: The shipped task and its postprocessing.
        strange: ``(N,)`` shares of held-out examples as strange, where features are judged.
        slices: Columns to report by, ``(N,)`` values each.
        split: What the column of that name says of all.
    """
    said = answers.said(outputs, strange)
    said.pop("probability", None)  # of the prediction: it is among those of the classes
    texts = {
        SLICE + name: [None if value is None else str(value) for value in values] for name, values in slices.items()
    }
    written = answers.task.written(targets)
    return {"id": list(ids), "split": [split] * len(targets), "target": written, **said, **texts}
