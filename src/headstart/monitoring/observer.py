"""From what a bundle was asked and said to readings: the one way for data sets and for the server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from headstart.bundle import Bundle, Predictor
from headstart.core.learning import Floats
from headstart.core.modality import Array
from headstart.core.resources import one_blas_thread
from headstart.core.table import Table
from headstart.monitoring.quality import MAKE_UP, part_facts, part_names
from headstart.monitoring.readings import Readings, along_directions, readings_of
from headstart.monitoring.reference import Reference


class Observer:
    """Reads what the reference asks for, and nothing else.

    Attributes:
        reference: Of the bundle.
    """

    def __init__(self, shipped: Bundle, predictor: Predictor) -> None:
        from headstart.data.modalities import modality

        self.reference = Reference.of(shipped.postprocessing())
        self.task = shipped.task()
        self._kinds = [modality(part.modality) for part in shipped.schema.parts]
        self._names = part_names(shipped.schema)
        wanted = {each.name for each in self.reference.numbered if each.family == "quality"}
        self._count = len(predictor.passes)
        self._passes: dict[int, tuple[int, Any]] = {}
        for number, over in enumerate(predictor.passes):
            kind = self._kinds[over.part]
            if any(self._names[over.part] + fact in wanted for fact in kind.fact_names):
                self._passes.setdefault(over.part, (number, over.preparer))
        self._made_up = {
            part for part, name in enumerate(self._names) if any(name + fact in wanted for fact in MAKE_UP)
        }

    def prepared_anew(self, contents: Sequence[Sequence[bytes]]) -> list[list[Array]]:
        """For :meth:`facts`: what each pass takes of inputs ``contents`` (by part); empty where it is not looked at."""
        found: list[list[Array]] = [[] for _ in range(self._count)]
        for part, (place, preparer) in self._passes.items():
            found[place] = [preparer.prepare(content) for content in contents[part]]
        return found

    def facts(self, contents: Sequence[Sequence[bytes]], prepared: Sequence[Sequence[Array]]) -> dict[str, Floats]:
        """``(n,)`` by name.

        Args:
            contents: n inputs' bytes, for each part.
            prepared: What each pass took, n each.
        """
        found: dict[str, Floats] = {}
        for part, kind in enumerate(self._kinds):
            sizes = np.array([kind.look(content) for content in contents[part]], np.int64)
            measured = None
            if part in self._passes:
                place, preparer = self._passes[part]
                arrays = prepared[place]
                measured = np.concatenate([kind.facts(array[None], preparer) for array in arrays])
            texts = contents[part] if part in self._made_up else None
            found |= {self._names[part] + name: values
                      for name, values in part_facts(kind, sizes, measured, texts).items()}  # fmt: skip
        return found

    def readings(
        self,
        outputs: Floats,
        features: Any,
        domain_p: Floats | None,
        facts: dict[str, Floats] | None = None,
        table: Table | None = None,
    ) -> Readings:
        """Of n examples; ``features`` ``(n, D)`` are looked at where the reference does."""
        along: NDArray[Any] | None = None
        if self.reference.looks_at_features and not issparse(features):
            with one_blas_thread():
                along = along_directions(features, self.reference.middle, self.reference.per_spread)
        return readings_of(self.task, outputs, along, domain_p, facts, table)
