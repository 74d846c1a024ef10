"""Texts as inputs: files in any encoding, cells of tables, pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from headstart.core.errors import DataError
from headstart.core.text_content import decoded, pair_bytes
from headstart.data.cells import text_of
from headstart.data.inputs import Inputs

BLANK = "-"  # stands for a text that is missing beside other inputs: a row is not lost for it, and it is no empty text


@dataclass(frozen=True)
class Decoded:
    """Files of text in any encoding, as UTF-8."""

    files: Inputs

    def __len__(self) -> int:
        return len(self.files)

    def read(self, i: int) -> bytes:
        """The text's UTF-8 bytes."""
        return decoded(self.files.read(i)).encode("utf-8", "replace")

    def name(self, i: int) -> str:
        """The file's name."""
        return self.files.name(i)


@dataclass(frozen=True)
class Texts:
    """Texts in memory.

    Attributes:
        values: Cells of a table; numbers and dates are read as they would be written.
        blank: What stands for a cell without text; "" lets it be an empty text, which is a bad input.
    """

    values: Sequence[Any]
    blank: str = ""

    def __len__(self) -> int:
        return len(self.values)

    def read(self, i: int) -> bytes:
        """UTF-8 bytes; halves of surrogate pairs, which stand for nothing, become "?"."""
        return (written(self.values[i]) or self.blank).encode("utf-8", "replace")

    def name(self, i: int) -> str:
        """Its place."""
        return str(i)


@dataclass(frozen=True)
class Pairs:
    """Pairs of texts in memory: of each a JSON array of two strings.

    Of a pair that lacks one text, "-" stands for it: an answer that was not given is one. One that lacks both is bad.
    """

    first: Sequence[Any]
    second: Sequence[Any]

    def __len__(self) -> int:
        return len(self.first)

    def read(self, i: int) -> bytes:
        """UTF-8 bytes of the array."""
        return bytes_of_pair(self.first[i], self.second[i])

    def name(self, i: int) -> str:
        """Its place."""
        return str(i)


def bytes_of_pair(first: Any, second: Any) -> bytes:
    """The JSON array of two cells as texts.

    Raises:
        DataError: both are blank.
    """
    texts = written(first), written(second)
    if not any(texts):
        raise DataError("an empty text")
    return pair_bytes(texts[0] or BLANK, texts[1] or BLANK)


def written(value: Any) -> str:
    """A cell as text, "" for a blank one; what can be encoded."""
    text = text_of(value)
    return "" if text is None else text.encode("utf-8", "replace").decode("utf-8")
