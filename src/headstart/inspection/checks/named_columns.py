"""Columns that are called like whom or what a row is about, and repeat."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from numpy.typing import NDArray

from headstart.data.inferred_notes import argument
from headstart.inspection.examined import Examined
from headstart.inspection.finding import Finding

# Columns called so hold whom or what a row is about: repeated values are several rows of one.
WHO = (
    "person|patient|subject|participant|speaker|user|customer|client|session|author|reviewer|household|device|animal"
    "|specimen"
)
NAMED = re.compile(rf"(^|[^a-z])({WHO})([^a-z]*(id|nr|no|number|name|key|code))?$", re.IGNORECASE)
FEWEST_NAMED = 10  # different values of a column: fewer are kinds of users, not users


def columns_named_like_groups(examined: Examined, repeated: float) -> list[Finding]:
    """A hint for each plain column or slice of that kind.

    Args:
        examined: Columns of the learned rows are looked at.
        repeated: Smallest share of the rows, 0-1, whose value comes twice or more.
    """
    columns: dict[str, NDArray[Any]] = {name: values for name, values in examined.learned.slices.items()}
    columns |= {name: column.values for name, column in examined.learned.table.columns.items()}
    found = []
    for name, values in columns.items():
        counts = Counter(value for value in values.tolist() if value is not None and value == value)
        several = sum(count for count in counts.values() if count > 1)
        if not NAMED.search(name) or len(counts) < FEWEST_NAMED or several < repeated * len(values):
            continue
        found.append(
            Finding(
                id=f"likely_groups/{name}",
                severity="hint",
                what=f"The column {name!r} has {len(counts):,} values in {len(values):,} rows, so several rows may be "
                "about the same one.",
                action=f"If predictions are for others than these, use --groups {argument([name])}.",
                evidence={"column": name, "values": len(counts), "rows": len(values)},
            )
        )
    return found
