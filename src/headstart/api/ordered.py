"""A new domain along an order: its windows, of which the last is adapted to, and what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.api.order import Order
from headstart.core.errors import DataError

if TYPE_CHECKING:
    from headstart.adaptation.trying import Tried
    from headstart.api.two_domains import Given, TargetRows
    from headstart.bundle import Bundle

SEED = 0
MOST_WITHOUT = 0.5  # share of examples without a value, above which the column says too little
KINDS = ("number", "date")


def order_cells(data: Any, column: str, shipped: Bundle) -> list[Any]:
    """The column's cells, of all examples of the new domain, before any of them is opened.

    Raises:
        ConfigError: there is no such column.
    """
    from headstart.api.two_domains import sources_in
    from headstart.data.further_column import column_of

    return column_of(sources_in(data), column, "order", shipped.schema)


def last_window(aim: TargetRows, cells: Sequence[Any], column: str, shipped: Bundle) -> tuple[TargetRows, Order]:
    """The examples of the last window as the new domain, and the windows.

    Raises:
        DataError: it holds no numbers and no dates, is empty for most, or gives too few windows.
    """
    from headstart.adaptation.domains import Unlabeled
    from headstart.adaptation.windows import windows_of

    values, kind = _read([cells[place] for place in aim.places], column)
    there = np.flatnonzero(np.isfinite(values))
    windows = [there[rows] for rows in windows_of(values[there], len(shipped.class_names))]
    *before, last = (np.sort(rows) for rows in windows)
    spans = np.array([[values[rows].min(), values[rows].max()] for rows in windows])
    order = Order(
        column, kind, tuple(map(len, windows)), spans, tuple(Unlabeled(aim.features[rows]) for rows in before),
        len(values) - len(there), (),
    )  # fmt: skip
    aim = replace(aim, dataset=aim.dataset.take(last), features=aim.features[last], places=aim.places[last])
    return aim, replace(order, notes=_notes(order))


def order_section(given: Given, found: Sequence[Tried]) -> dict[str, Any]:
    """Every window: its size and span, how far it is from the one before, and the share of it that taught.

    ``distance`` is the squared maximum mean discrepancy to the window before, of the first to the examples that the
    run learned from, and as large as chance makes it where nothing moved; ``taught`` the share of the window whose
    answers taught its own head, where ``gradual_self_training`` was tried.
    """
    order, domains = given.order, given.domains
    if order is None:
        return {}
    taught = next((each.report.get("taught") for each in found if each.name == "gradual_self_training"), None)
    first = [] if domains.source is None else [domains.source.features]
    rows = [*first, *(each.features for each in domains.path), domains.target.features]
    far: list[float | None] = [None] * (1 - len(first))
    far += [_far(one, two) if domains.is_dense else None for one, two in zip(rows, rows[1:], strict=False)]
    return {
        "order": {
            "column": order.column,
            "kind": order.kind,
            "without": order.without,
            "windows": [
                {
                    "n": n,
                    "from": _written(low, order.kind),
                    "to": _written(high, order.kind),
                    "distance": distance,
                    "taught": None if taught is None else taught[number],
                }
                for number, (n, (low, high), distance) in enumerate(
                    zip(order.counts, order.spans.tolist(), far, strict=True)
                )
            ],
        }
    }  # fmt: skip


def _far(one: Any, two: Any) -> float | None:
    from headstart.adaptation.several import distance

    return round(distance(one, two, np.random.default_rng(SEED)), 4) if min(len(one), len(two)) > 1 else None


def _read(cells: Sequence[Any], column: str) -> tuple[NDArray[np.float64], str]:
    """``(m,)`` numbers, NaN where there is none, and of which kind they are."""
    from headstart.data.column_kinds import look_at, typed

    look = look_at(cells)
    if not look.present:
        raise DataError(f"--order must name a column with numbers or dates; {column!r} is empty. Name another one.")
    if look.kind not in KINDS:
        example = look.open_example or next((str(each) for each in cells if each is not None and str(each).strip()), "")
        told = f"could be read in two ways, as {example!r}" if look.open_example else f"does not, as {example!r}"
        raise DataError(
            f"--order must name a column with numbers or dates (2024-05-31); {column!r} {told}. Write them so, or name "
            "another column."
        )
    found, _ = typed(cells, look.kind, look.spelling)
    values = np.asarray(found.values, np.float64)
    without = int((~np.isfinite(values)).sum())
    if without > MOST_WITHOUT * len(values):
        raise DataError(
            f"--order must name a column that most examples have a value in; {column!r} has none, or none that is a "
            f"{look.kind}, for {without:,} of {len(values):,}. Fill it in, or name another column."
        )
    return values, look.kind


def _notes(order: Order) -> tuple[str, ...]:
    from headstart.adaptation.windows import gaps

    n, (low, high) = order.counts[-1], (_written(each, order.kind) for each in order.spans[-1].tolist())
    notes = [
        f"The new domain is the last of {len(order.counts)} windows along {order.column!r}, {n:,} examples from {low} "
        f"to {high}; those before are the path of gradual_self_training. No example with a known class says how right "
        "that is: it ships where it is named, or where --labels show a gain."
    ]
    if order.without:
        notes.append(f"{order.without:,} examples have no value in {order.column!r} and were left out.")
    for row in gaps(order.spans):
        before, after = _written(order.spans[row - 1, 1], order.kind), _written(order.spans[row, 0], order.kind)
        notes.append(
            f"Nothing lies between {before} and {after} of {order.column!r}: what changed meanwhile is followed in one "
            "step, which may be too large."
        )
    return tuple(notes)


def _written(value: float, kind: str) -> Any:
    """A number, or a date as ISO 8601 writes it."""
    if kind == "number":
        return round(float(value), 6)
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(value))).isoformat().replace("+00:00", "Z")
