"""One input of each example: what one network sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.schema import PartSchema
from headstart.data.inputs import Inputs, take


@dataclass(frozen=True, eq=False)
class Part:
    """N lazy inputs of one modality.

    Attributes:
        schema: Modality, and the columns the inputs come from.
        inputs: Encoded; of texts the UTF-8 bytes, of pairs of texts a JSON array of two strings.
        keys: ``(N, 32)`` uint8, sha256 of each input's bytes.
        sizes: ``(N, M)`` int64: what the modality's ``look`` measured, named by its ``measures``.
    """

    schema: PartSchema
    inputs: Inputs
    keys: NDArray[np.uint8]
    sizes: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def modality(self) -> str:
        """A file of ``data/modalities``."""
        return self.schema.modality

    def take(self, rows: NDArray[Any]) -> Part:
        """Some rows, by an index array."""
        return Part(self.schema, take(self.inputs, rows), self.keys[rows], self.sizes[rows])
