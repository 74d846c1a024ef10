"""``predict``: a bundle over any number of examples, streamed; bad ones become rows with an error."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.adaptation.followed_shares import followed
from headstart.api.following import following_of
from headstart.api.results import Predictions
from headstart.api.threads import require_threads
from headstart.bundle.prediction_table import check_format, columns_of, prediction_writer
from headstart.core.errors import BackendError, ConfigError
from headstart.core.progress import Progress, Silent
from headstart.features.through_bundle import CHUNK, Predicted, through

if TYPE_CHECKING:
    from headstart.bundle import Predictor
    from headstart.postprocessing.answers import Answers

SHARES = "shares"  # a stream whose answers follow the shares of the classes: no network learns
MOST_NOTES = 5  # of a stream of any length


def predict(
    run: str | Path,
    inputs: Any,
    *,
    out: str | Path | None = None,
    input: str | Sequence[str] | None = None,
    runtime: str = "auto",
    stream: str | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    to_stdout: bool = False,
) -> Predictions:
    """Predict the target of each example, and say how sure that is.

    Args:
        run: A run folder, its ``bundle/``, or a bundle copied elsewhere.
        inputs: One or several of: files, folders, tables with the columns that the run was fitted on, "-" (lines of
            stdin: paths, or texts where the run reads texts); also bytes, texts, Pillow images, arrays
            ``(H, W, 3)`` uint8, DataFrames.
        out: FILE.csv, .xlsx, .jsonl or .parquet; None: the rows are returned.
        input: Columns with the inputs, for tables that call them otherwise.
        runtime: "auto", "onnxruntime", "openvino" or "eager".
        stream: Adapt while predicting. "shares": answers are corrected for how often each class comes among the latest
            examples; a file of ``adaptation/stream`` ("tent", "eata", "sar", "norm_statistics"): the network changes,
            in PyTorch. Answers then depend on the examples before and beside.
        threads: Processor threads.
        progress: Told of the step "predict" and of every example.
        to_stdout: Write CSV to stdout instead of returning rows.

    Returns:
        Counts, and the rows unless they were written. Columns are "id", the task's, those of the postprocessing ("set",
        "abstain", "out_of_domain"), and "error".

    Raises:
        ConfigError: no bundle there, no such runtime, an unknown file ending.
        DataError: there is no input at all, or a table lacks columns.
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
    answers: Answers = shipped.answers()
    if stream == SHARES:
        answers, stream = followed(shipped.answers()), None
    following = None if stream is None else following_of(run, shipped, stream, runtime, threads)
    computed = None if following is None else {following.network_name: following.compute}
    try:
        predictor = shipped.predictor(runtime, threads=threads, computed=computed)
    except BackendError as error:  # for the user it is the request that cannot work on this machine
        raise ConfigError(str(error)) from error
    notes: list[str] = []
    chunks = prediction_rows(
        _sources(inputs), input, predictor, answers, threads=threads, progress=progress or Silent(), notes=notes
    )
    columns, names = columns_of(answers), answers.task.class_names
    if place is None and not to_stdout:
        kept = [row for rows in chunks for row in rows]
        notes += [] if following is None else following.notes
        return Predictions(len(kept), _failures(kept), None, names, tuple(kept), columns, tuple(notes))
    count = failed = 0
    with prediction_writer(place, columns) as write:
        for rows in chunks:
            write(rows)
            count += len(rows)
            failed += _failures(rows)
    notes += [] if following is None else following.notes
    return Predictions(count, failed, place, names, types=columns, notes=tuple(notes))


def prediction_rows(
    sources: Sequence[Any],
    input: str | Sequence[str] | None,
    predictor: Predictor,
    answers: Answers,
    *,
    threads: int | None,
    progress: Progress,
    notes: list[str],
) -> Iterator[list[dict[str, Any]]]:
    """Rows in the order of the examples, CHUNK at a time; memory does not grow with their number.

    ``notes`` gets what people should know about the first rows. They may quote values, so they go to no log.
    """
    from headstart.data.unlabeled import read_unlabeled

    progress.step("predict", 0)
    chunks = read_unlabeled(sources, schema=predictor.schema, input=input, lines=sys.stdin, chunk_size=CHUNK)
    for chunk, found in through(predictor, chunks, workers=threads, advance=progress.advance):
        notes += [note for note in chunk.notes if note not in notes][: MOST_NOTES - len(notes)]
        yield _rows(chunk.ids, found, answers)


def _sources(inputs: Any) -> list[Any]:
    return list(inputs) if isinstance(inputs, list | tuple) else [inputs]


def _rows(ids: Sequence[str], found: Predicted, answers: Answers) -> list[dict[str, Any]]:
    empty = dict.fromkeys(columns_of(answers))
    rows = {row: {**empty, "id": ids[row], "error": reason} for row, reason in found.errors.items()}
    if len(found.rows):
        said = answers.said(found.outputs, found.strange)
        for place, row in enumerate(found.rows.tolist()):
            rows[row] = {**empty, "id": ids[row], **{name: values[place] for name, values in said.items()}}
    return [rows[row] for row in range(len(ids))]


def _failures(rows: Sequence[dict[str, Any]]) -> int:
    return sum(row["error"] is not None for row in rows)
