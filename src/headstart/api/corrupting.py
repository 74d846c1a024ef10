"""``evaluate RUN --robustness``: the run's own test examples again, worse in ways that are met in use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.api.results import Robustness
from headstart.core.errors import DataError
from headstart.core.files import write_json
from headstart.core.progress import Progress, Silent
from headstart.core.run_folder import RunFolder
from headstart.core.seeding import generator
from headstart.core.table import Column, Table
from headstart.features.own_data import read_again
from headstart.features.through_bundle import through

if TYPE_CHECKING:
    from headstart.bundle import Predictor
    from headstart.core.learning import Floats
    from headstart.data.dataset import LabeledDataset
    from headstart.evidence.robustness import Tried

MOST_EXAMPLES = 300  # each is predicted once for every corruption and strength
MOST_COLUMNS = 20  # that are left out one by one


@dataclass(frozen=True)
class _Part:
    inputs: Any


@dataclass(frozen=True)
class _Examples:
    """What a bundle is asked about."""

    parts: Sequence[Any]
    table: Table
    count: int

    def __len__(self) -> int:
        return self.count


def corrupted(run: str | Path, *, threads: int | None = None, progress: Progress | None = None) -> Robustness:
    """Predict up to 300 test examples of a run under every corruption of its inputs, and draw that into its report.

    Pictures, texts and recordings get worse as ``data.corruptions`` says; plain columns are missing, one at a time.
    The run's evidence stays as it is: what is found goes to ``robustness.json`` beside it.

    Args:
        run: A run folder.
        threads: Processor threads.
        progress: Told of the step "predict" and of every example.

    Raises:
        ConfigError, IntegrityError: no finished run is there, or it is damaged.
        DataError: its data cannot be read any more.
    """
    from headstart.bundle import read
    from headstart.evidence.robustness import summary
    from headstart.reports.page import render

    folder = RunFolder(Path(run))
    examples = folder.examples.exists()
    tested = _tested(folder)
    shipped = read(folder.bundle)
    task, predictor = shipped.task(), shipped.predictor(threads=threads)
    targets = task.encode(tested.targets)
    listener = progress or Silent()
    listener.step("predict", 0)
    whole = _Examples(tested.parts, tested.table, len(tested))
    rows, clean = _predicted(predictor, whole, threads, listener)
    if not len(rows):
        raise DataError("at least one test example must be readable; none is any more.")
    tried = [
        replace(each, rows=np.searchsorted(rows, each.rows).tolist())
        for each in _tried(predictor, whole, rows, threads, listener)
    ]
    document = summary(task, targets.take(rows), clean, tried)
    write_json(folder.robustness, document)
    render(folder.path, examples=examples)
    return Robustness(folder.path, document)


def _tested(folder: RunFolder) -> LabeledDataset:
    """The test examples, or as many of them as are looked at."""
    from headstart.evidence.run_answers import read_run_answers

    answers, dataset = read_run_answers(folder.path), read_again(folder)
    if isinstance(dataset, str):
        raise DataError(f"a run's own test examples are predicted again; {dataset}. Fit from a file.")
    place = {str(name): row for row, name in enumerate(dataset.ids)}
    rows = np.array([place[str(name)] for name in answers.ids if str(name) in place], dtype=np.int64)
    if not len(rows):
        raise DataError("a run's own test examples are predicted again; none of them is in the data any more.")
    if len(rows) > MOST_EXAMPLES:
        rows = np.sort(generator(0, "robustness").permutation(rows)[:MOST_EXAMPLES])
    return dataset.take(rows)


def _tried(
    predictor: Predictor, whole: _Examples, rows: Any, threads: int | None, progress: Progress
) -> Iterator[Tried]:
    from headstart.evidence.robustness import Tried

    for name, part, unit, strength, examples in _worse(whole):
        found, outputs = _predicted(predictor, examples, threads, progress)
        both = np.isin(found, rows)
        if both.any():
            yield Tried(name, part, unit, strength, outputs[both], found[both].tolist())


def _worse(whole: _Examples) -> Iterator[tuple[str, str, str, float | None, _Examples]]:
    """Every corruption of every part, and every missing column: name, part, unit, strength and examples."""
    from headstart.data.corruptions.contract import Corrupted, corruptions_of

    for number, part in enumerate(whole.parts):
        for name, corruption in corruptions_of(part.modality).items():
            for strength in corruption.strengths:
                worse = _Part(Corrupted(part.inputs, corruption, strength, name))
                parts = [worse if at == number else _Part(each.inputs) for at, each in enumerate(whole.parts)]
                yield name, part.schema.name, corruption.unit, strength, replace(whole, parts=parts)
    for name, column in list(whole.table.columns.items())[:MOST_COLUMNS]:
        empty: Any = np.full(len(column), None if column.kind == "category" else np.nan, dtype=column.values.dtype)
        table = Table({**whole.table.columns, name: Column(column.kind, empty, column.spelling)})
        yield f"without {name}", name, "", None, replace(whole, table=table)


def _predicted(
    predictor: Predictor, examples: _Examples, threads: int | None, progress: Progress
) -> tuple[Any, Floats]:
    """Positions ``(n,)`` of the examples that could be used, and their outputs ``(n, W)``."""
    ((_, found),) = through(predictor, [examples], workers=threads, advance=progress.advance)
    return found.rows, found.outputs
