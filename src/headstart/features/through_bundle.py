"""Examples through a bundle: its passes over their parts, run by the engine, joined and given to its head."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import tee
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from headstart.core.errors import DataError
from headstart.core.learning import Floats, Ints
from headstart.core.table import Table

if TYPE_CHECKING:
    from headstart.bundle import Bundle, Predictor
    from headstart.core.progress import Progress
    from headstart.data.dataset import LabeledDataset
    from headstart.data.inputs import Inputs
    from headstart.engine.predict import Chunk

CHUNK = 1024


class PartLike(Protocol):
    """Lazy inputs of one part."""

    @property
    def inputs(self) -> Inputs:
        """N of them."""


class Examples(Protocol):
    """Some examples: a chunk of a stream, or a data set."""

    @property
    def parts(self) -> Sequence[PartLike]:
        """What networks see."""

    @property
    def table(self) -> Table:
        """Plain columns."""

    def __len__(self) -> int: ...


E = TypeVar("E", bound=Examples)


@dataclass(frozen=True)
class Predicted:
    """What a bundle says about some examples.

    Attributes:
        rows: ``(n,)`` positions of the examples that could be used, ascending.
        outputs: ``(n, W)`` of the head; ``(0, 0)`` where none could be used.
        errors: Reason by position, for the others.
        strange: ``(n,)`` shares of held-out examples as strange, where the postprocessing judges features.
        features: ``(n, D)``, where they were asked for.
    """

    rows: Ints
    outputs: Floats
    errors: dict[int, str]
    strange: Floats | None = None
    features: Any | None = None


def through(
    predictor: Predictor,
    chunks: Iterable[E],
    *,
    workers: int | None = None,
    advance: Callable[[int], None] = lambda count: None,
    keep_features: bool = False,
) -> Iterator[tuple[E, Predicted]]:
    """Each chunk with what the bundle says about it; memory does not grow with the number of chunks.

    All passes go over all chunks without a break, so that batches are full across their borders; a chunk is handed
    over when the last of the passes is through with it. An example that fails in one part is left out.

    Args:
        predictor: Of a bundle.
        chunks: Drawn from as far as needed.
        workers: Threads that prepare inputs; None: one per processor.
        advance: Told of examples that are done.
        keep_features: Whether features are wanted too.
    """
    from headstart.engine.predict import stream

    *copies, chunks = tee(chunks, len(predictor.passes) + 1)
    runs = []
    for number, (over, copy) in enumerate(zip(predictor.passes, copies, strict=True)):
        found = stream(
            _inputs(copy, over.part), over.preparer, over.compute, workers=workers, batch_size=over.batch_size
        )
        runs.append(_Run(found, advance if number == len(copies) - 1 else None))
    first = 0
    for chunk in chunks:
        yield chunk, _predicted(predictor, chunk, first, runs, keep_features)
        first += len(chunk)
        if not runs:
            advance(len(chunk))


def predicted(
    shipped: Bundle, dataset: LabeledDataset, threads: int | None, progress: Progress
) -> tuple[LabeledDataset, Floats, Floats | None, int]:
    """The examples that could be used, their outputs ``(N, W)``, how strange they are ``(N,)`` where that is judged,
    and how many could not be used.
    """
    predictor = shipped.predictor(threads=threads)
    progress.step("predict", len(dataset))
    rows, outputs, first = [], [], 0
    strange: list[Any] = []
    chunks = (dataset.take(np.arange(low, min(low + CHUNK, len(dataset)))) for low in range(0, len(dataset), CHUNK))
    for chunk, found in through(predictor, chunks, workers=threads, advance=progress.advance):
        if len(found.rows):
            rows.append(first + found.rows)
            outputs.append(found.outputs)
            strange.append(found.strange)
        first += len(chunk)
    if not rows:
        raise DataError(f"at least one example must be readable; none of {len(dataset)} could be used.")
    kept = np.concatenate(rows)
    judged = np.concatenate(strange) if predictor.postprocessing.judges_domain else None
    return dataset.take(kept), np.concatenate(outputs), judged, len(dataset) - len(kept)


def _inputs(chunks: Iterable[Examples], part: int) -> Iterator[Inputs]:
    for chunk in chunks:
        yield chunk.parts[part].inputs


class _Run:
    """Results of one pass by position, taken in stretches that its own batches need not respect."""

    def __init__(self, found: Iterator[Chunk], advance: Callable[[int], None] | None) -> None:
        self._found = found
        self._advance = advance or (lambda count: None)
        self._features: dict[int, Any] = {}
        self._errors: dict[int, str] = {}

    def upto(self, first: int, end: int) -> tuple[dict[int, Any], dict[int, str]]:
        """Features and errors of the positions ``first`` to ``end - 1``, counted from ``first``."""
        positions = range(first, end)
        while positions and end - 1 not in self._features and end - 1 not in self._errors:
            chunk = next(self._found)
            self._errors |= chunk.errors
            if len(chunk.rows):
                self._features.update(zip(chunk.rows.tolist(), chunk.outputs, strict=True))
            self._advance(len(chunk.rows) + len(chunk.errors))
        features = {place - first: self._features.pop(place) for place in positions if place in self._features}
        errors = {place - first: self._errors.pop(place) for place in positions if place in self._errors}
        return features, errors


def _predicted(
    predictor: Predictor, chunk: Examples, first: int, runs: Sequence[_Run], keep_features: bool
) -> Predicted:
    results = [run.upto(first, first + len(chunk)) for run in runs]
    contents = {part: _read(predictor, chunk, part) for part in predictor.contents}
    errors: dict[int, str] = {}
    for _, failed in [*results, *contents.values()]:
        errors = {**failed, **errors}  # the first reason stands
    rows = np.array([row for row in range(len(chunk)) if row not in errors], dtype=np.int64)
    if not len(rows):
        return Predicted(rows, np.zeros((0, 0)), errors)
    kept = rows.tolist()
    features = predictor.features(
        [np.stack([computed[row] for row in kept]) for computed, _ in results],
        {part: [found[row] for row in kept] for part, (found, _) in contents.items()},
        chunk.table.take(rows) if chunk.table.columns else chunk.table,
    )
    outputs, strange = predictor.outputs_of(features), predictor.postprocessing.domain_p(features)
    return Predicted(rows, outputs, errors, strange, features if keep_features else None)


def _read(predictor: Predictor, chunk: Examples, part: int) -> tuple[Mapping[int, bytes], dict[int, str]]:
    """Contents that can be used, and why the others cannot."""
    from headstart.data.modalities import modality

    look, inputs = modality(predictor.schema.parts[part].modality).look, chunk.parts[part].inputs
    found: dict[int, bytes] = {}
    errors: dict[int, str] = {}
    for row in range(len(inputs)):
        try:
            content = inputs.read(row)
            look(content)
            found[row] = content
        except (DataError, OSError) as error:
            errors[row] = str(error) or type(error).__name__
    return found, errors
