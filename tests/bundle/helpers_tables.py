"""A table of two plain columns with gaps, and what fitted backbones make of inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from headstart.core import plugins
from headstart.core.schema import ColumnSchema
from headstart.core.table import Column, Table

COLUMNS = (ColumnSchema(name="age", kind="number"), ColumnSchema(name="sex", kind="category"))


def table(n: int = 12) -> Table:
    ages = np.arange(n, dtype=np.float64) + 20
    ages[1] = np.nan
    sexes = np.array(["f", "m", None] * n, dtype=object)[:n]
    return Table({"age": Column("number", ages), "sex": Column("category", sexes)})


def fitted(name: str, raw: Any) -> tuple[Any, dict[str, Any]]:
    """Features of a fitted backbone at its defaults, and what it learned."""
    plugin = plugins.load("backbones.fitted", name)
    code = plugin.build(plugin.config())
    arrays = code.fit(raw)
    return code.transform(arrays, raw), arrays
