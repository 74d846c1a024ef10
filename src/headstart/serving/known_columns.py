"""What a form may offer of plain columns: the categories that the model knows, and between what numbers mostly lie."""

from __future__ import annotations

from typing import Any

import numpy as np

from headstart.bundle import Bundle
from headstart.core.errors import ConfigError
from headstart.monitoring.reference import Reference

MOST_LEVELS = 255  # that are listed


def known_columns(shipped: Bundle) -> list[dict[str, Any]]:
    """Of each column its name, kind and spelling; ``levels`` of a category; ``low`` and ``high`` of numbers and dates.

    Between ``low`` and ``high``, the outer of 20 quantiles, lie nine in ten training values (dates in seconds since
    1970); they are absent where the bundle was written before it had them.
    """
    levels, ranges = shipped.known_levels(), _ranges(shipped)
    found = []
    for column in shipped.schema.columns:
        document = column.model_dump()
        if column.kind == "category":
            document["levels"] = levels.get(column.name, [])[:MOST_LEVELS]
        elif column.name in ranges and column.kind != "boolean":
            document["low"], document["high"] = ranges[column.name]
        found.append(document)
    return found


def _ranges(shipped: Bundle) -> dict[str, tuple[float, float]]:
    try:
        reference = Reference.of(shipped.postprocessing())
    except ConfigError:
        return {}
    found = {}
    for numbered, edges in zip(reference.numbered, reference.edges, strict=True):
        known = edges[np.isfinite(edges)]
        if numbered.family == "columns" and len(known):
            found[numbered.name] = (float(known[0]), float(known[-1]))
    return found
