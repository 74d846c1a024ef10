"""``predict``: a bundle over any number of inputs, streamed; bad inputs become rows with an error."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.api.prediction_table import check_format, columns_of, prediction_writer
from headstart.api.results import Predictions
from headstart.api.threads import require_threads
from headstart.core.errors import BackendError, ConfigError
from headstart.core.progress import Progress, Silent

if TYPE_CHECKING:
    from headstart.core.learning import Task
    from headstart.data.inputs import Inputs
    from headstart.data.unlabeled import Unlabeled
    from headstart.engine.predict import Chunk


def predict(
    run: str | Path,
    inputs: Any,
    *,
    out: str | Path | None = None,
    input: str | None = None,
    runtime: str = "auto",
    threads: int | None = None,
    progress: Progress | None = None,
    to_stdout: bool = False,
) -> Predictions:
    """Predict the class of each input, and how sure that is.

    Args:
        run: A run folder, its ``bundle/``, or a bundle copied elsewhere.
        inputs: One or several of: pictures, folders, tables of paths, "-" (paths on stdin); also bytes, Pillow images,
            arrays ``(H, W, 3)`` uint8, DataFrames.
        out: FILE.csv, .jsonl or .parquet; None: the rows are returned.
        input: Column with the paths, for tables.
        runtime: "auto", "onnxruntime", "openvino" or "eager".
        threads: Processor threads.
        progress: Told of the step "predict" and of every input.
        to_stdout: Write CSV to stdout instead of returning rows.

    Returns:
        Counts, and the rows unless they were written. A row's "probability" is that of the predicted class.

    Raises:
        ConfigError: no bundle there, no such runtime, an unknown file ending.
        DataError: there is no input at all.
        IntegrityError: the bundle is damaged.
    """
    from headstart import bundle
    from headstart.runtimes.process_settings import settle_process

    settle_process()
    require_threads(threads)
    place = None if out is None else Path(out)
    if place is not None:
        check_format(place)
    shipped = bundle.read(run)
    task = shipped.task()
    try:
        predictor = shipped.predictor(runtime, threads=threads)
    except BackendError as error:  # for the user it is the request that cannot work on this machine
        raise ConfigError(str(error)) from error
    rows = prediction_rows(
        _sources(inputs), input, shipped.preprocessing, predictor, task,
        threads=threads, batch_size=shipped.manifest.runtime.batch_size, progress=progress or Silent(),
    )  # fmt: skip
    kept: list[dict[str, Any]] = []
    count = failed = 0
    writes = place is not None or to_stdout
    if not writes:
        for part in rows:
            kept += part
        return Predictions(len(kept), _failures(kept), None, task.class_names, tuple(kept))
    with prediction_writer(place, task.class_names) as write:
        for part in rows:
            write(part)
            count += len(part)
            failed += _failures(part)
    return Predictions(count, failed, place, task.class_names)


def prediction_rows(
    sources: Sequence[Any],
    input: str | None,
    preprocessing: Any,
    predictor: Any,
    task: Task,
    *,
    threads: int | None,
    batch_size: int,
    progress: Progress,
) -> Iterator[list[dict[str, Any]]]:
    """Rows in the order of the inputs, a batch at a time; memory does not grow with their number."""
    from headstart.data.unlabeled import read_unlabeled
    from headstart.engine.predict import stream

    progress.step("predict", 0)
    ids: dict[int, str] = {}
    parts = read_unlabeled(sources, input=input, lines=sys.stdin)
    chunks = stream(
        _remembering(parts, ids),
        preprocessing,
        lambda pixels: predictor(pixels)[1],
        workers=threads,
        batch_size=batch_size,
    )
    for chunk in chunks:
        rows = _rows(chunk, ids, task)
        progress.advance(len(rows))
        yield rows


def _sources(inputs: Any) -> list[Any]:
    return list(inputs) if isinstance(inputs, list | tuple) else [inputs]


def _remembering(parts: Iterable[Unlabeled], ids: dict[int, str]) -> Iterator[Inputs]:
    """The inputs of the parts; their names go to ``ids`` by position, from where rows take them."""
    position = 0
    for part in parts:
        for name in part.ids:
            ids[position] = name
            position += 1
        yield part.inputs


def _rows(chunk: Chunk, ids: dict[int, str], task: Task) -> list[dict[str, Any]]:
    columns = columns_of(task.class_names)
    rows = {
        position: {**dict.fromkeys(columns), "id": ids.pop(position), "error": reason}
        for position, reason in chunk.errors.items()
    }
    if len(chunk.rows):
        predicted, probabilities = task.decode(chunk.outputs)
        for place, position in enumerate(chunk.rows.tolist()):
            values = [float(value) for value in probabilities[place]]
            row = [ids.pop(position), predicted[place], max(values), *values, None]
            rows[position] = dict(zip(columns, row, strict=True))
    return [rows[position] for position in sorted(rows)]


def _failures(rows: Sequence[dict[str, Any]]) -> int:
    return sum(row["error"] is not None for row in rows)
