"""The distinct byte contents among inputs: what is computed once, whichever rows hold it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError, ShapeError
from headstart.engine.activations.segment import Keys, as_strings

if TYPE_CHECKING:
    from headstart.data.inputs import Inputs


class Contents:
    """M distinct contents of N inputs, in the order of their first rows.

    Attributes:
        keys: ``(M, 32)`` uint8.
    """

    def __init__(self, inputs: Inputs, keys: Keys) -> None:
        if len(inputs) != len(keys):
            raise ShapeError(f"there must be one key per input; got {len(inputs)} inputs and {len(keys)} keys.")
        self._inputs = inputs
        _, first, inverse = np.unique(as_strings(keys), return_index=True, return_inverse=True)
        order = np.argsort(first)  # of the distinct keys, by first row
        content_of_row = np.argsort(order)[inverse]
        by_content = np.argsort(content_of_row, kind="stable")
        starts = np.searchsorted(content_of_row[by_content], np.arange(len(order)))
        self._rows, self._bounds = by_content, np.append(starts, len(keys))
        self.keys = keys[first[order]]

    def __len__(self) -> int:
        return len(self.keys)

    def rows(self, content: int) -> NDArray[np.int64]:
        """The rows that hold a content."""
        return self._rows[self._bounds[content] : self._bounds[content + 1]]

    def of(self, wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """``(M,)``: the contents that any of the wanted rows ``(N,)`` holds."""
        if len(wanted) != len(self._rows):
            raise ShapeError(f"'wanted' must have one entry per input, {len(self._rows)}; got {len(wanted)}.")
        found = np.zeros(len(self), dtype=bool)
        found[np.repeat(np.arange(len(self)), np.diff(self._bounds))[wanted[self._rows]]] = True
        return found

    def read(self, content: int) -> bytes:
        """The bytes, from the first of its rows that still holds them.

        Raises:
            OSError, DataError: no row does; the error is that of the first one.
        """
        errors: list[OSError | DataError] = []
        expected = self.keys[content].tobytes()
        for row in self.rows(content):
            try:
                found = self._inputs.read(int(row))
            except (OSError, DataError) as error:
                errors.append(error)
                continue
            if hashlib.sha256(found).digest() == expected:
                return found
            errors.append(DataError("it must hold the bytes it held when it was first read; they changed since."))
        raise errors[0]
