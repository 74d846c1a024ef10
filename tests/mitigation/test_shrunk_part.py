"""Shrunk features: what is solved at once is what plain solvers find, one strength and penalty after another."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.learning import Targets
from headstart.methods.fixed_penalty import solve_at_penalty
from headstart.mitigation.cells import Cells, cells_of
from headstart.mitigation.directions import directions_of
from headstart.mitigation.grouped import Grouped
from headstart.mitigation.shrunk_part import ShrunkPart

STRENGTHS, PENALTIES, TIGHT = (0.0, 0.5, 20.0, float("inf")), (3.0, 1.0), 1e-9
SHAPES = {"more rows than features": (60, 8), "features many for the rows": (40, 120)}


def made(kind, rows, width):
    rng = np.random.default_rng(rows)
    groups, classes = np.arange(rows) % 3, np.arange(rows) // 3 % 3
    features = rng.normal(size=(rows, width)) * rng.uniform(0.3, 3, width) + 2 * rng.normal(size=(3, width))[groups]
    features[:, :3] += np.eye(3)[classes]
    features[:, -1] = 7.0  # says nothing
    values = {
        "class": classes.astype(np.int64),
        "multilabel": (rng.random((rows, 2)) < 0.4).astype(np.float64),
        "real": features[:, :4].sum(axis=1) + rng.normal(size=rows),
    }[kind]
    targets = Targets(values, kind, {"class": 3, "multilabel": 2, "real": 1}[kind])
    weights = np.where(np.arange(rows) % 7 == 0, 0.0, rng.uniform(0.5, 2, rows))
    return Grouped(features, targets, groups.astype(np.int64), groups.astype(np.int64)), weights


def one_after_another(given, by, weights, strength, penalty):
    """Standardise, shrink and solve anew, all features divided by the same number, so that they keep their scale."""
    cells, seen = cells_of(given, by), weights > 0
    share = weights / weights.sum()
    mean = share @ given.features
    spread = np.sqrt(share @ (given.features - mean) ** 2)
    inverse = np.where(spread > 1e-9, 1 / np.maximum(spread, 1e-9), 0.0)
    x = (given.features - mean) * inverse
    directions = directions_of(x, cells, weights)
    shrunk = directions.shrunk(x, strength)
    kept = shrunk[seen]
    spreads = np.sqrt(np.average(kept**2, axis=0, weights=weights[seen]))
    middle = float(np.median(spreads[spreads > 1e-12]))
    unit = 2 * float(spreads.max())
    weight, bias = solve_at_penalty(
        kept, given.targets.take(seen), weights[None, seen], penalty / unit**2, unit / middle, TIGHT
    )
    weight = directions.shrunk(weight[0], strength) * inverse
    return weight, bias[0] - weight @ mean


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("kind", "by"), [("class", "group_class"), ("multilabel", "group"), ("real", "group")])
def test_every_model_is_that_of_a_solver_that_begins_anew(kind, by, shape):
    given, weights = made(kind, *SHAPES[shape])
    part = ShrunkPart.of(given.features, given.targets, cells_of(given, by), weights, 0.0, TIGHT)
    found = dict(part.path(STRENGTHS, PENALTIES))
    assert found.keys() == {(strength, number) for strength in STRENGTHS for number in range(2)}
    assert (part.turn is None) == (shape == "more rows than features")
    for (strength, number), (weight, bias) in found.items():
        slow_weight, slow_bias = one_after_another(given, by, weights, strength, PENALTIES[number])
        off = given.features @ (weight - slow_weight).T + bias - slow_bias
        if kind == "class":  # what all logits of a row share says nothing
            off = off - off.mean(axis=1, keepdims=True)
        assert np.abs(off).max() < 0.01, (strength, number)  # of outputs of about 5


def test_groups_that_do_not_differ_leave_the_plain_model():
    given, weights = made("real", 60, 8)
    one = Cells(np.zeros(60, np.int64), np.zeros(1, np.int64), np.zeros(1, np.int64))
    part = ShrunkPart.of(given.features, given.targets, one, weights, 0.0, TIGHT)
    models = [weight for _, (weight, _) in part.path(STRENGTHS, (1.0,))]
    assert part.directions == 0
    assert all(weight == pytest.approx(models[0]) for weight in models)
