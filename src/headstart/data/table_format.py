"""What a reader of a kind of table file gives, and finding the one of a file by its ending."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from headstart.core import plugins
from headstart.core.errors import DataError, choice_message
from headstart.data.columns import Columns

ROOM = "data.table_formats"
ENDINGS = frozenset(f".{name}" for name in plugins.names(ROOM))  # of tables, in lower case; no reader is imported


class Batches(Protocol):
    """Reads a file."""

    def __call__(self, path: Path, size: int, encoding: str) -> Iterator[Columns]:
        """Up to ``size`` rows at a time; every batch has all columns, in file order, as lists of one length.

        A cell is None where nothing is there, else text, bool, int, float, a date or time of the standard library
        (with a zone in UTC), bytes, or lists and dicts of these. A file without rows gives no batch.

        Args:
            path: Exists.
            size: From 1.
            encoding: As Python spells it; "" where :attr:`TableFormat.is_text` is False.

        Raises:
            DataError: the file is damaged, names a column twice, or is not what its ending says; with the place.
        """


@dataclass(frozen=True)
class TableFormat:
    """A kind of table file.

    Attributes:
        batches: See :class:`Batches`. Memory must not grow with the number of rows where the format allows it.
        is_text: Whether the bytes are text, so that the encoding is found out before.
    """

    batches: Batches
    is_text: bool = False


def format_of(path: Path) -> TableFormat:
    """By the ending, whose case does not matter; raises DataError for one that is not known."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise DataError(choice_message("the ending of a table", path.suffix, ENDINGS))
    plugin = plugins.load(ROOM, ending[1:])
    found: TableFormat = plugin.build(plugin.config())
    return found
