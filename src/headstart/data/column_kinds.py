"""What a column of cells holds: numbers, dates, truth values, categories or prose; and reading it as that."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np

from headstart.core.schema import ColumnKind, Spelling
from headstart.core.table import Column
from headstart.data.cells import is_blank, plain, text_of
from headstart.data.class_names import spell
from headstart.data.date_text import date_in, order_of, seconds_of
from headstart.data.number_text import CODE, LARGEST, is_missing_mark, number_in, spelling_of

TRUTH = {"yes": 1.0, "no": 0.0, "true": 1.0, "false": 0.0, "y": 1.0, "n": 0.0, "t": 1.0, "f": 0.0}
TRUTH_PAIRS = ({"yes", "no"}, {"true", "false"}, {"y", "n"}, {"t", "f"})
READABLE = 0.95  # share of texts that must be numbers (or dates); the others are slips and count as missing
MANY = 20  # distinct numbers from which on slips are believed: among a few codes, "A" is one more code
WITHOUT_SPACES = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
CHARACTERS_PER_WORD = 2  # of scripts that are written without spaces
PROSE_WORDS, LONG_PROSE_WORDS = 3.0, 8.0  # mean words of a value; from the second on, capitals do not matter
PROSE_DISTINCT = (0.2, 100)  # share, or number, of different values from which on texts are not categories


@dataclass(frozen=True)
class Look:
    """What a column holds, as far as its cells show.

    Attributes:
        n: Cells looked at; ``present`` of them hold something.
        distinct: Different texts among those.
        kind: None where the cells are lists or objects.
        spelling: How texts of the kind are read.
        words: Mean words of a value.
        capitals: Share (0-1) of the words that begin with a capital or a digit.
        open_example: A value that could be read in two ways ("1,234", "03/04/2020"), so that it stays a category.
    """

    n: int
    present: int
    distinct: int
    kind: ColumnKind | None
    spelling: Spelling = ""
    words: float = 0.0
    capitals: float = 0.0
    open_example: str = ""

    @property
    def is_prose(self) -> bool:
        """Several words, mostly in small letters, and hardly ever the same: neither categories nor names."""
        share, number = PROSE_DISTINCT
        varied = self.distinct > 1 and (self.distinct >= share * self.present or self.distinct >= number)
        wordy = self.words >= LONG_PROSE_WORDS or (self.words >= PROSE_WORDS and self.capitals <= 0.5)
        return self.kind == "category" and varied and wordy

    @property
    def is_text(self) -> bool:
        """Prose, or codes of which there are too many for categories: text, if someone says that it is input."""
        share, number = PROSE_DISTINCT
        return self.is_prose or (
            self.kind == "category" and (self.distinct > max(10, 0.5 * self.present) or self.distinct > 10 * number)
        )


def look_at(values: Sequence[Any]) -> Look:
    """Look at all given cells of a column."""
    cells = [plain(value) for value in values if not is_blank(value)]
    look = partial(Look, len(values), len(cells))
    if not cells:
        return look(0, "category")
    kinds = {_native_kind(cell) for cell in cells}
    if None in kinds:
        return look(0, None)
    texts = Counter(text for cell in cells if (text := text_of(cell)) is not None)
    if len(kinds) == 1 and (kind := kinds.pop()) != "category":
        return look(len(texts), kind)
    kind, spelling, example = _kind_of_texts(texts)
    marks = sum(count for text, count in texts.items() if is_missing_mark(text)) if kind != "category" else 0
    words, capitals = _words(texts)
    return Look(len(values), len(cells) - marks, len(texts), kind, spelling, words, capitals, example)


def typed(values: Sequence[Any], kind: ColumnKind, spelling: Spelling = "") -> tuple[Column, list[str]]:
    """A column of the kind, and the texts in it that could not be read as that (one entry per cell).

    What cannot be read is missing (NaN); a category is kept as it is, in Unicode NFC without white space at the ends.
    """
    if kind == "category":
        names = [None if (text := text_of(value)) is None else spell(text) for value in values]
        return Column("category", np.asarray(names, dtype=object), spelling), []
    read = {"number": _number, "date": _date, "boolean": _truth}[kind]
    numbers = np.full(len(values), np.nan)
    slips: list[str] = []
    for row, value in enumerate(values):
        value = plain(value)
        if is_blank(value) or (isinstance(value, str) and is_missing_mark(value)):
            continue
        found = read(value, spelling)
        if found is None:
            slips.append(str(value))
        else:
            numbers[row] = found
    return Column(kind, numbers, spelling), slips


def _native_kind(cell: Any) -> ColumnKind | None:
    if isinstance(cell, str):
        return "category"
    if isinstance(cell, bool):
        return "boolean"
    if isinstance(cell, int | float | Decimal | timedelta):
        return "number"
    if isinstance(cell, date):
        return "date"
    return None if hasattr(cell, "__len__") or hasattr(cell, "__array__") else "category"


def _kind_of_texts(texts: Counter[str]) -> tuple[ColumnKind, Spelling, str]:
    """Kind, spelling, and an example where two readings are possible."""
    kept = {text: count for text, count in texts.items() if not is_missing_mark(text)}
    if {text.strip().lower() for text in kept} in TRUTH_PAIRS:
        return "boolean", "", ""
    if not kept:
        return "category", "", ""
    spelling, example = spelling_of(kept)
    if not any(CODE.fullmatch(text.strip()) for text in kept) and _is_read(kept, partial(_number, spelling=spelling)):
        return "number", spelling, ""
    if example and not spelling and _is_read(kept, lambda text: _number(text.replace(",", ""), "")):
        return "category", "", example
    order, day = order_of(kept)
    if _is_read(kept, partial(_date, spelling=order)):
        return "date", order, ""
    return "category", "", day if day and _is_read(kept, partial(_date, spelling="day_first")) else ""


def _is_read(texts: dict[str, int], read: Callable[[str], float | None]) -> bool:
    values = {text: read(text) for text in texts}
    slips = sum(texts[text] for text, value in values.items() if value is None)
    if not slips:
        return True
    distinct = len({value for value in values.values() if value is not None})
    return distinct > MANY and slips <= (1 - READABLE) * sum(texts.values())


def _words(texts: Counter[str]) -> tuple[float, float]:
    """Mean words of a value, and the share of words that begin with a capital or a digit."""
    total = words = capitals = 0
    for text, count in texts.items():
        found = text.split()
        total += count
        words += count * (len(found) + len(WITHOUT_SPACES.findall(text)) // CHARACTERS_PER_WORD)
        capitals += count * sum(word[0].isupper() or word[0].isdigit() for word in found)
    return words / max(total, 1), capitals / max(words, 1)


def _number(value: Any, spelling: Spelling) -> float | None:
    if isinstance(value, str):
        return number_in(value, spelling)
    if isinstance(value, timedelta):
        return value.total_seconds()
    number = float(value) if isinstance(value, int | float | Decimal) else None
    return number if number is not None and abs(number) <= LARGEST else None


def _date(value: Any, spelling: Spelling) -> float | None:
    if isinstance(value, str):
        return date_in(value, spelling)
    return seconds_of(value) if isinstance(value, date) else None


def _truth(value: Any, spelling: Spelling) -> float | None:
    if isinstance(value, str):
        text = value.strip().lower()
        return TRUTH.get(text, 1.0 if text == "1" else 0.0 if text == "0" else None)
    return float(value) if isinstance(value, bool | int | float) and value in (0, 1) else None
