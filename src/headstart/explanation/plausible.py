"""Values that columns may have, as far as a bundle knows them: it holds no rows of the training part.

An encoding of columns for linear models keeps knots at quantiles, middles and levels; boosted trees keep the thresholds
between which they tell numbers apart. A single stand-in such as "missing" would not do for trees: they send it to one
side, and a row that lies on that side already would seem to rest on nothing.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.backbones.fitted.json_array import from_array
from headstart.bundle import Predictor

ROWS = 8  # stand-ins for a row, over which answers are averaged


def plausible_values(predictor: Predictor) -> dict[str, list[Any]]:
    """By column, in order; a column of which the bundle knows nothing is not there."""
    found: dict[str, list[Any]] = {}
    for source in predictor.sources:
        backbone = getattr(source.transform, "__self__", None)  # of a bound method of a FittedBackbone
        if source.part is not None or backbone is None or "columns" not in backbone.arrays:
            continue
        known = from_array(backbone.arrays["columns"])
        if backbone.name == "columns":
            found |= {facts["name"]: _of_encoding(facts) for facts in known}
        else:
            found |= {facts["name"]: facts["orders"][0] for facts in known if facts.get("orders")}
            if len(predictor.sources) == 1:
                found |= _between_thresholds(predictor.head, known)
    return {name: values for name, values in found.items() if values}


def _of_encoding(facts: dict[str, Any]) -> list[Any]:
    if facts["kind"] == "category":
        return list(facts["levels"])
    if facts["kind"] == "boolean":
        return [0.0, 1.0]
    if facts["kind"] == "date":
        return []  # its curve is of days alone, and a date is more than that
    curve = facts["curve"]
    middle, spread = curve["middle"], curve["spread"]
    return list(curve["knots"]) or [middle - spread, middle, middle + spread]


def _between_thresholds(head: Any, known: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """One number from each stretch in which trees tell no difference, for the columns that are one feature each."""
    fitted = head.args[0] if isinstance(head, partial) and head.args else None
    arrays = getattr(fitted, "arrays", {})
    if not {"feature", "threshold"} <= set(arrays):
        return {}
    found: dict[str, list[Any]] = {}
    place = 0
    for facts in known:
        if facts["kind"] in ("number", "boolean"):
            cuts = np.unique(arrays["threshold"][arrays["feature"] == place]).astype(np.float64)
            if len(cuts):  # x <= threshold goes left
                found[facts["name"]] = [*cuts.tolist(), float(cuts[-1] + 1e-3 * max(1.0, abs(cuts[-1])))]
        place += len(facts["features"])
    return found


def reference_rows(values: dict[str, list[Any]], rows: int = ROWS) -> dict[str, NDArray[np.object_]]:
    """By column ``(rows,)``: each column's values spread evenly over the rows, in an order of its own."""
    rng = np.random.default_rng(0)
    found = {}
    for name, known in values.items():
        places = ((rng.permutation(rows) + 0.5) / rows * len(known)).astype(np.int64)
        found[name] = np.array([known[place] for place in places], dtype=object)
    return found
