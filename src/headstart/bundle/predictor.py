"""From prepared inputs, contents and plain columns to outputs, with the same arithmetic as during fit.

Reading and preparing many inputs is the engine's work, which this room does not know: a predictor says which passes
over which parts there are (:attr:`Predictor.passes`), and joins what they gave (:meth:`Predictor.outputs`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.bundle.heads import Head
from headstart.core.errors import ShapeError
from headstart.core.learning import Floats, TargetKind
from headstart.core.modality import Array, Preparer
from headstart.core.pairs import Matrix, Stretch, combined
from headstart.core.schema import InputSchema
from headstart.core.table import Table
from headstart.postprocessing.postprocessing import Postprocessing

NO_TABLE = Table()


@dataclass(frozen=True)
class Pass:
    """One pass over the inputs of one part.

    Attributes:
        part: Place among the parts of an example.
        preparer: From an input's bytes to an array.
        compute: ``(B, ...)`` prepared inputs of one shape to ``(B, D)`` float32; a row's bits do not depend on the
            rows beside it.
        batch_size: Rows that ``compute`` is made for.
        runtime: Name of what computes.
        precision: Of its arithmetic.
    """

    part: int
    preparer: Preparer
    compute: Callable[[Array], NDArray[np.float32]]
    batch_size: int
    runtime: str
    precision: str


@dataclass(frozen=True)
class Source:
    """One stretch of the features.

    Attributes:
        part: Place among the parts; None: the plain columns.
        over: The pass whose results it takes; None where it takes contents or columns as they are.
        transform: From what it takes to features ``(n, D)``; None where the pass gives them.
    """

    part: int | None
    over: Pass | None = None
    transform: Callable[[Any], Any] | None = None


@dataclass(frozen=True)
class Predictor:
    """The sources of the features, in the order in which they are joined, and the head.

    Attributes:
        schema: What an example consists of.
        sources: In order.
        head: Features ``(n, D)``, which may be sparse, to outputs ``(n, W)``.
        postprocessing: What is done to those.
        kind: Of the targets.
    """

    schema: InputSchema
    sources: tuple[Source, ...]
    head: Head
    postprocessing: Postprocessing
    kind: TargetKind

    @property
    def passes(self) -> tuple[Pass, ...]:
        """The passes over inputs that must be made, in the order of the sources."""
        return tuple(source.over for source in self.sources if source.over is not None)

    @property
    def contents(self) -> tuple[int, ...]:
        """The parts whose inputs' bytes are needed as they are."""
        return tuple(
            dict.fromkeys(source.part for source in self.sources if source.over is None and source.part is not None)
        )

    @property
    def runtime(self) -> str:
        """Names of what computes, "numpy" where there is no network."""
        return "+".join(dict.fromkeys(each.runtime for each in self.passes)) or "numpy"

    @property
    def precision(self) -> str:
        """Of the networks' arithmetic."""
        return "+".join(dict.fromkeys(each.precision for each in self.passes)) or "float32"

    def features(
        self,
        computed: Sequence[Array],
        contents: Mapping[int, Sequence[bytes]] | None = None,
        table: Table = NO_TABLE,
    ) -> Matrix:
        """The joined features ``(n, D)`` of n examples, see :func:`headstart.core.pairs.combined`.

        Args:
            computed: What each of :attr:`passes` gave, ``(n, D)`` each.
            contents: Bytes of the n inputs, for each of the parts in :attr:`contents`.
            table: The plain columns of the n examples.

        Raises:
            ShapeError: not one result per pass.
        """
        if len(computed) != len(self.passes):
            raise ShapeError(f"each of the {len(self.passes)} passes must have one result; got {len(computed)}.")
        results = iter(computed)
        stretches: list[Stretch] = []
        for source in self.sources:
            if source.over is not None:
                raw: Any = next(results)
            else:
                raw = table if source.part is None else (contents or {})[source.part]
            stretches.append((source.part, raw if source.transform is None else source.transform(raw)))
        return combined(stretches, self.schema)

    def outputs(
        self,
        computed: Sequence[Array],
        contents: Mapping[int, Sequence[bytes]] | None = None,
        table: Table = NO_TABLE,
    ) -> Floats:
        """Outputs ``(n, W)``, calibrated, for what :meth:`features` takes."""
        return self.outputs_of(self.features(computed, contents, table))

    def outputs_of(self, features: Matrix) -> Floats:
        """Outputs ``(n, W)``, calibrated, of joined features ``(n, D)``."""
        return self.postprocessing.outputs(self.head(features), self.kind)
