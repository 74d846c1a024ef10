"""The texts that checks read, from whatever holds them."""

from __future__ import annotations

from collections.abc import Iterator

from headstart.core.errors import DataError
from headstart.core.text_content import texts_of
from headstart.inspection.examined import Examined


def texts_in(examined: Examined, part: int) -> Iterator[tuple[int, str]]:
    """Row and text of every input of a part of texts; of a pair both, a line break between them; "" for an empty one.

    Inputs that cannot be read are passed over.
    """
    for row, content in examined.contents(part):
        try:
            yield row, "\n".join(texts_of(content))
        except DataError:
            yield row, ""


def text_column(examined: Examined, name: str) -> Iterator[tuple[int, str]]:
    """Row and text of every cell of a plain column that holds text; nothing for numbers and dates."""
    column = examined.inputs.table.columns[name]
    if column.kind == "category":
        yield from ((row, str(value)) for row, value in enumerate(column.values) if value is not None)
