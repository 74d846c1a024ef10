"""Inputs that are like no other."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.inspection.checks.feature_geometry import directions
from headstart.inspection.checks.outliers import neighbour_distances
from inspection.made_examined import checked, gaussian_classes, make_examined


def bunched(n=400, seed=0):
    """Features in few directions, as a network's are: 10 of 64 dimensions hold nearly all."""
    rng = np.random.default_rng(seed)
    features, classes = gaussian_classes(n, 4, 10, 4.0, seed)
    turn = np.linalg.qr(rng.standard_normal((64, 64)))[0][:10]
    return features @ turn + 0.1 * rng.standard_normal((n, 64)), classes


def test_three_strays_are_found():
    features, classes = bunched()
    rng = np.random.default_rng(1)
    rows = [5, 50, 350]
    features[rows] = 2 * rng.standard_normal((3, 64))
    (finding,) = checked("outliers", make_examined([f"c{k}" for k in classes], features=features))
    assert finding.severity == "hint"
    assert {suspect.row for suspect in finding.suspects} == set(rows)
    assert finding.what == "3 of 400 examples (0.8 %) are unlike all others."
    assert "times as far from its neighbours as usual" in finding.suspects[0].why


@pytest.mark.parametrize("seed", range(4))
def test_without_strays_it_is_silent(seed):
    features, classes = bunched(seed=seed)
    assert checked("outliers", make_examined([f"c{k}" for k in classes], features=features)) == []
    features, classes = gaussian_classes(400, 4, 64, 3.0, seed)
    assert checked("outliers", make_examined([f"c{k}" for k in classes], features=features)) == []


def test_no_more_than_2_percent_are_listed():
    features, classes = bunched()
    features[:40] = 2 * np.random.default_rng(1).standard_normal((40, 64))
    (finding,) = checked("outliers", make_examined([f"c{k}" for k in classes], features=features))
    assert len(finding.suspects) == 8


@pytest.mark.parametrize("compared", [1000, 60])
def test_distances_equal_those_of_a_loop(compared):
    rows = directions(np.random.default_rng(0).standard_normal((90, 12)))
    found = neighbour_distances(rows, 3, compared, np.random.default_rng(7))
    drawn = np.arange(90) if compared > 90 else np.sort(np.random.default_rng(7).choice(90, compared, replace=False))
    for row in range(90):
        others = sorted(1 - float(rows[row] @ rows[other]) for other in drawn if other != row)
        assert found[row] == pytest.approx(others[2], abs=1e-5)


def test_equal_features_and_columns_without_spread_are_finite():
    features = np.ones((50, 8))
    assert not directions(features).any()
    assert checked("outliers", make_examined(["a", "b"] * 25, features=features)) == []
    features[::2] = 0.0
    assert checked("outliers", make_examined(["a", "b"] * 25, features=features)) == []
