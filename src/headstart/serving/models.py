"""A bundle made ready to answer: examples in, rows out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart import bundle
from headstart.adaptation.followed_shares import followed
from headstart.bundle.graph_runners import ALONE
from headstart.bundle.manifest import MANIFEST
from headstart.bundle.predictor import NO_TABLE, Pass, Predictor
from headstart.core.errors import DataError
from headstart.core.files import sha256_file
from headstart.core.learning import Floats
from headstart.core.modality import Array, Modality
from headstart.core.pairs import Matrix
from headstart.core.table import Table
from headstart.data.examples import table_of
from headstart.data.modalities import modality
from headstart.postprocessing.answers import Answers
from headstart.serving.known_columns import known_columns
from headstart.serving.limits import check
from headstart.serving.settings import Limits, ServeConfig

Row = dict[str, Any]
VERSION_LENGTH = 12
# Pictures that are answered together though the network sees them one by one: what follows it takes 1.2 ms for one,
# most of that to fetch arrays which the network's weights pushed out of the caches. More would let the first wait.
TOGETHER = 4


@dataclass(frozen=True)
class Example:
    """One example as it came.

    Attributes:
        contents: Bytes of each part, as a file holds them; of texts UTF-8, of pairs a JSON array.
        cells: Values of the plain columns by name.
    """

    contents: tuple[bytes, ...]
    cells: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ready:
    """One example decoded.

    Attributes:
        example: As it came.
        prepared: What each pass of the model takes.
        name: Of the request, and the example's id in it.
    """

    example: Example
    prepared: tuple[Array, ...]
    name: str = ""


@dataclass(frozen=True)
class Answered:
    """What a model says of n examples.

    Attributes:
        rows: n rows with the columns of ``headstart predict`` but "id" and "error".
        features: ``(n, D)``, for those who watch.
        outputs: ``(n, W)``, calibrated.
        strange: ``(n,)`` shares of held-out examples as strange, where features are judged.
        table: The plain columns, as they were read.
    """

    rows: list[Row]
    features: Matrix
    outputs: Floats
    strange: Floats | None = None
    table: Table = NO_TABLE


class Model:
    """One bundle in memory. Preparing is safe from several threads at once; answering is for one at a time.

    Attributes:
        shipped: The bundle.
        predictor: From prepared inputs to outputs.
        answers: From outputs to rows.
        name: Of the run, or of the folder that the bundle was copied to.
        most: Examples that are worth computing at once.
        columns: What is known of the plain columns, see :func:`known_columns`.
        examples: Of the training part, where the bundle was made with some.
        version: First digits of the manifest's sha256: another bundle has another.
    """

    def __init__(
        self, shipped: bundle.Bundle, predictor: Predictor, limits: Limits, most: int, *, follow_shares: bool = False
    ) -> None:
        self.shipped, self.predictor, self.limits = shipped, predictor, limits
        own = shipped.answers()
        self.answers: Answers = followed(own) if follow_shares else own
        self.name = name_of(shipped.folder)
        self.version = version_of(shipped.folder)
        alone = all(over.preparer.preprocessing.kind == ALONE for over in predictor.passes)
        self.most = min(most, TOGETHER) if predictor.passes and alone else most
        self.columns = known_columns(shipped)
        self.examples = shipped.examples()
        self.modalities: tuple[Modality, ...] = tuple(modality(part.modality) for part in shipped.schema.parts)

    def prepare(self, example: Example, name: str = "") -> Ready:
        """Decode one example, called ``name``.

        Raises:
            DataError: it is larger than the limits, or cannot be read; the reason in a few words.
        """
        for kind, content in zip(self.modalities, example.contents, strict=True):
            check(kind.measures, kind.look(content), self.limits)
        arrays = tuple(_prepared(over, example.contents[over.part]) for over in self.predictor.passes)
        return Ready(example, arrays, name)

    def answer(self, ready: Sequence[Ready]) -> Answered:
        """What the bundle says of some examples, computed together."""
        predictor = self.predictor
        computed = [
            _computed(over, [each.prepared[number] for each in ready]) for number, over in enumerate(predictor.passes)
        ]
        contents = {part: [each.example.contents[part] for each in ready] for part in predictor.contents}
        table = self._table(ready)
        features = predictor.features(computed, contents, table)
        outputs = predictor.outputs_of(features)
        strange = predictor.postprocessing.domain_p(features)
        said = self.answers.said(outputs, strange)
        rows = [{name: values[row] for name, values in said.items()} for row in range(len(ready))]
        return Answered(rows, features, outputs, strange, table)

    def _table(self, ready: Sequence[Ready]) -> Table:
        columns = self.shipped.schema.columns
        cells = {column.name: [each.example.cells.get(column.name) for each in ready] for column in columns}
        return table_of(cells, columns)[0]


def load(path: Path, config: ServeConfig) -> Model:
    """Read, verify and warm up the bundle at ``path``; no torch is imported.

    Raises:
        ConfigError: no bundle there, no such runtime.
        IntegrityError: it is damaged.
        MissingExtraError, BackendError: no runtime here can run it.
    """
    shipped = bundle.read(path)
    threads = config.threads or max(1, (os.cpu_count() or 1) // config.workers)
    predictor = shipped.predictor(config.runtime, threads=threads, sizes=sizes_up_to(config.batch))
    return Model(shipped, predictor, config.limits, config.batch, follow_shares=config.follow_shares)


def sizes_up_to(most: int) -> tuple[int, ...]:
    """Rows that are computed at once: powers of two, and all that may wait.

    >>> sizes_up_to(8), sizes_up_to(6), sizes_up_to(1)
    ((1, 2, 4, 8), (1, 2, 4, 6), (1,))
    """
    return (*(1 << power for power in range((most - 1).bit_length())), most)


def name_of(folder: Path) -> str:
    """The run's folder, or that of a bundle which was copied elsewhere."""
    resolved = folder.resolve()
    return resolved.parent.name if resolved.name == "bundle" else resolved.name


def version_of(folder: Path) -> str:
    """First digits of the sha256 of the manifest, which holds the checksums of everything else."""
    return sha256_file(folder / MANIFEST)[:VERSION_LENGTH]


def _prepared(over: Pass, content: bytes) -> Array:
    try:
        return over.preparer.prepare(content)
    except (DataError, MemoryError):
        raise
    except Exception as error:  # a decoder may fail in any way on foreign bytes; that is the example's failure
        raise DataError(f"cannot be decoded ({type(error).__name__})") from error


def _computed(over: Pass, arrays: Sequence[Array]) -> NDArray[np.float32]:
    """``(n, D)``; arrays of one shape are computed together."""
    by_shape: dict[tuple[int, ...], list[int]] = {}
    for row, array in enumerate(arrays):
        by_shape.setdefault(array.shape, []).append(row)
    if len(by_shape) == 1:
        return over.compute(np.stack(arrays))
    parts = {rows[0]: (rows, over.compute(np.stack([arrays[row] for row in rows]))) for rows in by_shape.values()}
    first = next(iter(parts.values()))[1]
    found = np.empty((len(arrays), *first.shape[1:]), first.dtype)
    for rows, values in parts.values():
        found[rows] = values
    return found
