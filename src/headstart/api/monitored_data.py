"""A data set through a bundle, in counts as a server would have kept them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError
from headstart.core.progress import Progress
from headstart.core.resources import cpu_count
from headstart.features.through_bundle import CHUNK, Predicted, through

if TYPE_CHECKING:
    from headstart.bundle import Bundle
    from headstart.core.learning import Floats
    from headstart.monitoring.observer import Observer
    from headstart.monitoring.truth import Truth
    from headstart.monitoring.window import Window

STRETCH = 50  # examples that are counted together, so that it can be said from where on they changed
MOST_LOOKED_INTO = 2000  # examples that are decoded once more, for the quality of their inputs


@dataclass
class Counted:
    """Counts one data set.

    Attributes:
        notes: What people should know; grows.
    """

    shipped: Bundle
    version: str
    threads: int | None
    progress: Progress
    notes: list[str] = field(default_factory=list)
    _looked_into: int = 0

    def of(self, data: Any, target: str | None, input: Any) -> list[Window]:
        """Stretches in the order of the data."""
        from headstart.monitoring.observer import Observer

        predictor = self.shipped.predictor(threads=self.threads)
        observer = Observer(self.shipped, predictor)
        chunks, truth, unread = self._chunks(observer, data, target, input)
        found: list[Window] = []
        first = 0
        for chunk, said in through(
            predictor, chunks, workers=self.threads, advance=self.progress.advance, keep_features=True
        ):
            found += self._stretches(observer, chunk, said, truth, first)
            first += len(chunk)
        if not any(each.examples for each in found):
            raise DataError("at least one example must be readable; none could be used.")
        found[-1].unusable += unread
        self.notes += truth.notes if truth is not None else []
        return found

    def _chunks(
        self, observer: Observer, data: Any, target: str | None, input: Any
    ) -> tuple[Iterable[Any], Truth | None, int]:
        """Examples, their targets where they have some, and how many could not be read at all."""
        from headstart.data.read import read
        from headstart.data.unlabeled import read_unlabeled
        from headstart.monitoring.truth import Truth

        try:
            reading = read(
                data, schema=self.shipped.schema, target=target, input=input, to_learn=False, target_optional=True,
                allow_bad=1.0, workers=self.threads or cpu_count(),
            )  # fmt: skip
        except DataError:
            if target is not None:
                raise
            self.progress.step("predict", 0)
            sources = list(data) if isinstance(data, list | tuple) else [data]
            return read_unlabeled(sources, schema=self.shipped.schema, input=input, lines=sys.stdin), None, 0
        dataset = reading.dataset
        self.progress.step("predict", len(dataset))
        return _cut(dataset), Truth(observer.reference, observer.task, dataset.targets), len(reading.bad)

    def _stretches(
        self, observer: Observer, chunk: Any, said: Predicted, truth: Truth | None, first: int
    ) -> list[Window]:
        """One for each STRETCH examples of a chunk; they begin and end at the number of an example, from 0."""
        from headstart.monitoring.window import Window

        facts = self._facts(observer, chunk, said.rows)
        found = []
        for low in range(0, len(chunk), STRETCH):
            window = Window.empty(observer.reference, self.version, float(first + low))
            window.end = float(first + min(low + STRETCH, len(chunk)) - 1)
            rows = np.flatnonzero((said.rows >= low) & (said.rows < low + STRETCH))
            window.unusable = min(STRETCH, len(chunk) - low) - len(rows)
            if len(rows):
                here = {name: values[rows] for name, values in facts.items()}
                _count(window, observer, chunk, said, rows, here)
                if truth is not None:
                    truth.tell(window, said.outputs[rows], first + said.rows[rows])
            found.append(window)
        return found

    def _facts(self, observer: Observer, chunk: Any, rows: NDArray[np.int64]) -> dict[str, Floats]:
        """Quality of the inputs of ``rows``; NaN beyond the first few thousand of all, which are not decoded again."""
        looked = rows[: max(0, MOST_LOOKED_INTO - self._looked_into)]
        self._looked_into += len(looked)
        if not chunk.parts or not len(looked):
            return {}
        contents = [[part.inputs.read(int(row)) for row in looked] for part in chunk.parts]
        prepared = observer.prepared_anew(contents)
        beyond = np.full(len(rows) - len(looked), np.nan)
        return {name: np.append(values, beyond) for name, values in observer.facts(contents, prepared).items()}


def _cut(dataset: Any) -> Iterator[Any]:
    for low in range(0, len(dataset), CHUNK):
        yield dataset.take(np.arange(low, min(low + CHUNK, len(dataset))))


def _count(
    window: Window, observer: Observer, chunk: Any, said: Predicted, rows: NDArray[np.int64], facts: dict[str, Floats]
) -> None:
    from headstart.monitoring.named import Named

    here = said.rows[rows]
    strange = None if said.strange is None else said.strange[rows]
    table = chunk.table.take(here) if chunk.table.columns else None
    seen = observer.readings(said.outputs[rows], said.features[rows], strange, facts, table)  # type: ignore[index]  # they were asked for
    window.add(observer.reference, seen, len(rows))
    window.named = window.named.joined(Named.of([chunk.ids[row] for row in here], seen.sure, strange))
