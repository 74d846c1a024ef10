"""From the table of trials to the chooser: robust ridge regression, coefficients of 0 or more, and how far it is off.

Gains and differences of validators are divided by the scale on which gains vary, FLOOR + the points of answers
that changed, so that a head that changes everything does not decide alone; every data set has the same weight.
Estimates of a shift are judged with coefficients that were learned without its data set (or without the shift alone).
Ways that change the network are learned apart from heads, see ``headstart/adaptation/choosing.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import nnls

from headstart.adaptation.choosing import AGREEMENT, NETWORK_WAYS, Chooser, agreement
from headstart.adaptation.guard import POINTS
from headstart.adaptation.trying import SOURCE_ONLY
from headstart.evaluation.intervals import LEVEL

FLOOR = 2.0  # points
DOUBT = 0.3  # an adapted head ships where seven of ten gains would be above 0
FAR, ROUNDS = 0.1, 6  # of the scale, from which on residuals count by their size, not its square; and of reweighting
STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)  # of the ridge, per row
LEAST = 1e-3  # coefficients below are none
LEAST_SHIFTS = 12  # on which an adapter is tried before it has a term of its own
Record = dict[str, Any]
Array = Any


@dataclass(frozen=True)
class Table:
    """One row for each adapted head.

    Attributes:
        names: Of the validators.
        steps: ``(n, V)`` differences to the model as it is in points; 0 where a validator says nothing.
        gain: ``(n,)`` true points.
        changed: ``(n,)`` points of answers.
        shift, set, adapter: ``(n,)``.
    """

    names: tuple[str, ...]
    steps: Array
    gain: Array
    changed: Array
    shift: Array
    set: Array
    adapter: Array

    def take(self, rows: Array) -> Table:
        """Some rows."""
        return Table(
            self.names, self.steps[rows], self.gain[rows], self.changed[rows], self.shift[rows], self.set[rows],
            self.adapter[rows],
        )  # fmt: skip


def table_of(records: Sequence[Record]) -> Table:
    """Of all that was tried."""
    runs = [with_agreement(run) for run in records]
    names = tuple(sorted({name for run in runs for name in run["tried"][SOURCE_ONLY]["values"]}))
    rows = []
    for run in runs:
        start = run["tried"][SOURCE_ONLY]
        for adapter, head in sorted(run["tried"].items()):
            if adapter != SOURCE_ONLY:
                step = [_step(head["values"].get(name), start["values"].get(name)) for name in names]
                gain = POINTS * (head["score"] - start["score"])
                rows.append((step, gain, POINTS * head["changed"], run["name"], run["set"], adapter))
    steps, gain, changed, shift, sets, adapter = (np.array(column) for column in zip(*rows, strict=True))
    return Table(names, steps, gain, changed, shift, sets, adapter)


def with_agreement(run: Record) -> Record:
    """With how often each head says what most heads say, among what validators say."""
    heads = {SOURCE_ONLY: run["tried"][SOURCE_ONLY], **run["tried"]}
    voting = {name: np.asarray(head["answers"]) for name, head in heads.items() if name not in NETWORK_WAYS}
    most = agreement(voting, run["classes"])
    tried = {name: {**head, "values": {**head["values"], AGREEMENT: most.get(name)}} for name, head in heads.items()}
    return {**run, "tried": tried}


def _step(value: float | None, start: float | None) -> float:
    return 0.0 if value is None or start is None else POINTS * (value - start)


@dataclass(frozen=True)
class Model:
    """Estimates are ``steps @ of_validators`` plus the scale times what the adapter stands for.

    Attributes:
        of_validators: ``(V,)`` 0 or more.
        of_adapters: By name, of either sign: the share of the scale that it gained on the whole, ridged towards 0.
    """

    of_validators: Array
    of_adapters: dict[str, float]

    def estimates(self, table: Table) -> Array:
        """``(n,)`` points, never more than answers changed."""
        found = table.steps @ self.of_validators
        found = found + (FLOOR + table.changed) * np.array(
            [self.of_adapters.get(str(name), 0.0) for name in table.adapter]
        )
        return np.clip(found, -table.changed, table.changed)


def model_of(table: Table, strength: float, columns: Array | None = None) -> Model:
    """Of the validators that ``columns`` ``(V,)`` marks and all adapters; without ``columns`` of everything.

    The ridge acts on columns scaled to a mean square of 1; a free sign is two columns of opposite signs. Squares of
    large residuals count as Huber's loss counts them, by reweighting: some gains are out of all proportion.
    """
    v, scale = len(table.names), FLOOR + table.changed
    adapters, tried = np.unique(table.adapter, return_counts=True)
    adapters = adapters[tried >= LEAST_SHIFTS]
    is_one = (table.adapter[:, None] == adapters).astype(float) if columns is None else np.zeros((len(scale), 0))
    used = np.ones(v) if columns is None else columns.astype(float)
    x, share = np.hstack([table.steps / scale[:, None] * used, is_one, -is_one]), table.gain / scale
    robust = np.ones(len(x))
    for _ in range(ROUNDS):
        found = _ridge(x, share, robust / counts_of_set(table), strength)
        robust = 1 / np.maximum(1.0, np.abs(share - x @ found) / FAR)
    a = is_one.shape[1]
    kept = np.where(found[:v] >= LEAST, found[:v], 0.0)
    own = (found[v : v + a] - found[v + a :]).tolist()
    return Model(kept, dict(zip(map(str, adapters), own, strict=False)))


def _ridge(x: Array, y: Array, weight: Array, strength: float) -> Array:
    """Coefficients of 0 or more, from the normal equations: as few as there are columns."""
    weight = weight / weight.mean()
    spread = np.sqrt((weight[:, None] * x**2).mean(axis=0))
    x = x / np.where(spread > 0, spread, np.inf)
    squares = x.T @ (weight[:, None] * x) + strength * len(x) * np.eye(x.shape[1])
    root = np.linalg.cholesky(squares)
    return nnls(root.T, np.linalg.solve(root, x.T @ (weight * y)))[0] / np.where(spread > 0, spread, np.inf)


def counts_of_set(table: Table) -> Array:
    """``(n,)`` rows of the same set."""
    _, place, counts = np.unique(table.set, return_inverse=True, return_counts=True)
    return counts[place]


def kinds(table: Table) -> list[Array]:
    """``(n,)`` masks of what is learned apart: heads, ways that change the network."""
    changes = np.isin(table.adapter, list(NETWORK_WAYS))
    return [mask for mask in (~changes, changes) if mask.any()]


def estimates(table: Table, by: Array, columns: Array | None = None, strength: float | str | None = None) -> Array:
    """``(n,)`` points, each learned without the rows whose ``by`` ``(n,)`` is equal, as its strength is unless given.

    Args:
        table: All.
        by: What is left out together.
        columns: Validators that may be used; None: all.
        strength: Of the ridge; None: the best one of the rest; "best": that of all, where parts are small.
    """
    found = np.empty(len(table.gain))
    for mask in kinds(table):
        some = table.take(mask)
        at = best_strength(some, columns) if isinstance(strength, str) else strength
        found[mask] = _estimates(some, by[mask], at, columns)
    return found


def _estimates(table: Table, by: Array, strength: float | None, columns: Array | None) -> Array:
    found = np.empty(len(table.gain))
    for name in np.unique(by):
        out = by == name
        rest = table.take(~out)
        chosen = best_strength(rest, columns) if strength is None else strength
        found[out] = model_of(rest, chosen, columns).estimates(table.take(out))
    return found


def best_strength(table: Table, columns: Array | None = None) -> float:
    """The one with the least absolute error where one data set is left out."""

    def error(strength: float) -> float:
        off = np.abs(table.gain - _estimates(table, table.set, strength, columns)) / (FLOOR + table.changed)
        return float(np.average(off, weights=1 / counts_of_set(table)))

    return min(STRENGTHS, key=error)


@dataclass(frozen=True)
class Residuals:
    """How far gains lie from their estimates, in shares of the scale; every data set weighs the same.

    Attributes:
        low, high: 95 % lie between.
        margin: Share of the way to ``low`` below which a share DOUBT lies.
    """

    low: float
    high: float
    margin: float


def residuals(table: Table, estimated: Array) -> Residuals:
    """Of estimates that were learned without the rows they are of."""
    off = (table.gain - estimated) / (FLOOR + table.changed)
    order = np.argsort(off)
    share = np.cumsum(1 / counts_of_set(table)[order])
    places = np.searchsorted(share / share[-1], [(1 - LEVEL) / 2, (1 + LEVEL) / 2, DOUBT])
    low, high, doubt = off[order][np.minimum(places, len(off) - 1)].tolist()
    low, high = min(low, -LEAST), max(high, LEAST)
    return Residuals(low, high, min(max(doubt / low, 0.0), 1.0))


def residuals_by_row(table: Table, estimated: Array) -> list[Residuals]:
    """Those of its kind, for each row."""
    found: list[Residuals | None] = [None] * len(table.gain)
    for mask in kinds(table):
        of_kind = residuals(table.take(mask), estimated[mask])
        for row in np.flatnonzero(mask):
            found[row] = of_kind
    return [each for each in found if each is not None]


def learned(table: Table) -> tuple[Chooser, list[float]]:
    """On all rows, with the residuals of data sets left out; and the strengths of the ridge, of heads and networks."""
    found = [_learned(table.take(mask)) for mask in kinds(table)]
    chooser = found[0][0]
    if len(found) > 1:
        chooser = replace(chooser, networks=found[1][0])
    return chooser, [strength for _, strength in found]


def _learned(table: Table) -> tuple[Chooser, float]:
    strength = best_strength(table)
    off = residuals(table, estimates(table, table.set))
    model = model_of(table, strength)
    found = dict(zip(table.names, model.of_validators.round(4).tolist(), strict=True))
    kept = {name: value for name, value in found.items() if value > 0}
    adapters = {name: round(value, 4) for name, value in model.of_adapters.items()}
    sets = tuple(sorted({str(name) for name in table.set}))
    chooser = Chooser(
        kept, adapters, FLOOR, (off.low, off.high), round(off.margin, 4), len(np.unique(table.shift)), sets
    )
    return chooser, strength
