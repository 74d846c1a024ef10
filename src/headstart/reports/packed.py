"""Predictions as columns, and those columns small enough to stand inside a page.

What a page holds is JSON, deflated and in base64, which a browser unpacks by itself. Names of classes are written once.
"""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from headstart.reports.names import shorten
from headstart.reports.numbers import NO_VALUE, number, percent
from headstart.reports.predictions import Predictions

MOST_BYTES = 1_500_000  # of a page of at most 3 MB; pictures of mistakes need the rest
FEWER = 0.9  # of the rows that would fit, since the first ones, mistakes with all their names, are larger than the mean
LONGEST_NAME = 60  # characters of a class
THOUSAND = 1000
FLAG_WORDS = {
    "abstain": ("Abstains", "abstains"),
    "out_of_domain": ("Out of domain", "out of domain"),
    "missed": ("Interval", "misses the truth"),
}


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        label: Its head.
        kind: "text"; "name", of which there are few; "share" in thousandths; "number".
        values: Texts, places in ``names``, whole numbers, or numbers; None where there is nothing.
        names: Of the kind "name".
    """

    label: str
    kind: str
    values: list[Any]
    names: tuple[str, ...] = ()

    def text(self, row: int) -> str:
        """A cell as it is shown."""
        value = self.values[row]
        if self.kind == "name":
            return str(self.names[value])
        if self.kind == "text":
            return str(value)
        if value is None:
            return NO_VALUE
        return percent(value / THOUSAND) if self.kind == "share" else number(value)


def columns_of(found: Predictions) -> list[Column]:
    """What the page shows of each example, in the order of ``found``."""
    rows = range(len(found))
    columns = [Column("Example", "text", found.ids)]
    if found.kind == "number":
        errors = [said - target for said, target in zip(found.said, found.targets, strict=True)]
        columns += [
            Column(label, "number", [_rounded(value) for value in values])
            for label, values in (("True value", found.targets), ("Predicted", found.said), ("Error", errors))
        ]
    else:
        several = "s" if found.kind == "labels" else ""
        columns += [_named(f"Label{several}", found.targets), _named("Answer", found.said)]
        columns.append(Column("Right", "name", [int(found.is_right(row)) for row in rows], ("wrong", "right")))
    if found.sure:
        columns.append(Column("Sure", "share", [round(THOUSAND * share) for share in found.sure]))
    for name, flags in found.flags.items():
        label, word = FLAG_WORDS[name]
        if any(flags):
            columns.append(Column(label, "name", [int(flag) for flag in flags], ("", word)))
    return columns + [_named(shorten(name), values) for name, values in found.groups.items()]


def pack(columns: Sequence[Column], total: int) -> str:
    """Base64 of a zlib stream of JSON: ``{"total", "columns": [{"label", "kind", "values", "names"}]}``.

    Args:
        columns: Of equal length.
        total: Number of examples, of which the columns may hold the first ones alone.
    """
    listed = [
        {"label": each.label, "kind": each.kind, "values": each.values, "names": list(each.names)} for each in columns
    ]
    text = json.dumps({"total": total, "columns": listed}, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return base64.b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii")


def pack_within(found: Predictions, most_bytes: int = MOST_BYTES) -> tuple[str, list[Column]]:
    """As many rows from the top as fit into ``most_bytes``, packed, and as columns."""
    rows, total = len(found), len(found)
    while True:
        columns = columns_of(found if rows == total else found.take(range(rows)))
        packed = pack(columns, total)
        if len(packed) <= most_bytes or not rows:
            return packed, columns
        rows = int(FEWER * rows * most_bytes / len(packed))


def _named(label: str, values: Sequence[str | None]) -> Column:
    """Each name once, in order of the alphabet."""
    texts = ["(missing)" if value is None else value for value in values]
    names = tuple(sorted(set(texts)))
    place = {name: number for number, name in enumerate(names)}
    return Column(label, "name", [place[text] for text in texts], tuple(shorten(name, LONGEST_NAME) for name in names))


def _rounded(value: float) -> float | None:
    """Six digits, as in the files of predictions; None for what is no number."""
    return float(f"{value:.6g}") if math.isfinite(value) else None
