"""Predictions as an Excel workbook: one sheet, a row per input."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from headstart.core.errors import MissingExtraError

if TYPE_CHECKING:
    from headstart.postprocessing.postprocessing import Type


def require_openpyxl() -> None:
    """Raise MissingExtraError where workbooks cannot be written."""
    try:
        import openpyxl  # noqa: F401
    except ImportError:
        raise MissingExtraError("openpyxl", "excel", "writing .xlsx workbooks") from None


@contextlib.contextmanager
def workbook(stream: BinaryIO, columns: Mapping[str, Type]) -> Iterator[Any]:
    """A function that takes rows, any number of times; the file is complete at the end.

    Args:
        stream: Where to.
        columns: Types by name, in order. Text is never taken for a formula.
    """
    import openpyxl
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("predictions")
    sheet.freeze_panes = "A2"

    def text(value: Any) -> Any:
        cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\ufffd", str(value)))
        cell.data_type = "s"  # also where it begins with "="
        return cell

    def write(rows: Sequence[Mapping[str, Any]]) -> None:
        for row in rows:
            values = [(row.get(name), is_text) for name, is_text in kinds]
            sheet.append([text(value) if is_text and value is not None else value for value, is_text in values])

    kinds = [(name, columns[name] == "text") for name in columns]
    sheet.append([text(name) for name in columns])
    yield write
    book.save(stream)
