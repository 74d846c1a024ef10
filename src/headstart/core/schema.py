"""Which columns an example consists of, so that a bundle reads new data as the training data were read."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from headstart.core.config import Config

ColumnKind = Literal["number", "category", "date", "boolean"]
# How text of a column is to be read where one value alone does not tell: "1,5" and "1,500"; "02/03/2024".
Spelling = Literal["", "decimal_comma", "thousands_comma", "day_first", "month_first"]


class PartSchema(Config):
    """One input that a network sees.

    A part of two columns is a pair of texts, in this order.
    """

    modality: str = Field(description="A file of data/modalities.")
    columns: tuple[str, ...] = Field(
        (), description="Columns of the table; empty for the files of a folder and for bare sequences."
    )

    paired: bool = Field(False, description="Whether this part and the next are compared with each other.")

    @property
    def name(self) -> str:
        """What to call it."""
        return "+".join(self.columns) or self.modality


class ColumnSchema(Config):
    """One plain column of a table."""

    name: str
    kind: ColumnKind
    spelling: Spelling = Field("", description="How its text is read where one value alone does not tell.")


class InputSchema(Config):
    """What an example consists of: parts for networks, and plain columns. One of the two may be empty."""

    parts: tuple[PartSchema, ...] = ()
    columns: tuple[ColumnSchema, ...] = ()

    @property
    def modality(self) -> str:
        """The modality of the one part there is, else "table"."""
        return self.parts[0].modality if len(self.parts) == 1 and not self.columns else "table"
