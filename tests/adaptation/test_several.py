"""Several source domains: maps for each, weights by the mixture, distances."""

from dataclasses import replace

import numpy as np
import pytest

from adaptation.helpers_adaptation import drawn, shifted
from headstart.adaptation.domains import Labeled
from headstart.adaptation.several import FAR_SHARES, KEPT, distance, each_moved, mixture, row_weights, says_looks
from headstart.core.errors import DataError
from headstart.core.learning import Targets


def labeled(features, classes, origin):
    n = len(features)
    return Labeled(features, Targets(classes, "class", 3), np.arange(n), np.ones(n, bool), origin)


def centred(features):
    mean = features.mean(axis=0)
    return lambda rows: rows - mean


@pytest.fixture
def shops():
    """Three domains of 20 rows and one of five, each around its own number."""
    origin = np.repeat([0, 1, 2, 3], [20, 20, 20, 5])
    rng = np.random.default_rng(0)
    features = (10.0 * origin[:, None] + rng.normal(size=(65, 2))).astype(np.float32)
    return labeled(features, np.arange(65) % 3, origin)


def test_each_domain_is_moved_by_its_own_map_and_a_small_one_with_all(shops):
    moved = each_moved(shops, centred)
    found = moved(shops)
    for number in (0, 1, 2):
        np.testing.assert_allclose(found[shops.origin == number].mean(axis=0), 0, atol=1e-5)
    small = shops.features[shops.origin == 3] - shops.features.mean(axis=0)
    np.testing.assert_allclose(found[shops.origin == 3], small, atol=1e-5)


def test_held_out_rows_are_moved_as_their_domain_was_and_those_of_an_unseen_domain_by_a_map_of_their_own(shops):
    moved = each_moved(shops.take(shops.origin < 2), centred)
    held = shops.take(np.array([0, 1]))
    expected = held.features - shops.features[shops.origin == 0].mean(axis=0)
    np.testing.assert_allclose(moved(held), expected, atol=1e-5)
    np.testing.assert_allclose(moved(shops.take(shops.origin == 2)).mean(axis=0), 0, atol=1e-5)
    whole = shops.features[shops.origin < 2].mean(axis=0)  # five rows say nothing
    few = shops.take(shops.origin == 3)
    np.testing.assert_allclose(moved(few), few.features - whole, atol=1e-5)


def test_a_domain_of_one_class_says_nothing_of_looks():
    every = Targets(np.arange(90) % 3, "class", 3)
    assert says_looks(every.take(np.arange(30)), every)
    assert not says_looks(every.take(np.arange(9)), every)  # too few
    assert not says_looks(Targets(np.zeros(30, np.int64), "class", 3), every)  # half of |1 - 1/3| + 2/3 is 2/3
    two = Targets(np.arange(60) % 2, "class", 2)
    assert not says_looks(Targets(np.zeros(30, np.int64), "class", 2), two) and FAR_SHARES == 0.5


def test_the_mixture_finds_the_domain_that_the_target_is_of():
    domains, _ = shifted("far_shop")
    shares = mixture(domains.source, domains.target.features)
    assert shares.sum() == pytest.approx(1) and shares[0] > 0.8
    weights = row_weights(domains.source, shares)
    assert weights.mean() == pytest.approx(1) and weights.min() >= KEPT
    assert weights[domains.source.origin == 0].min() > 2 > 1 > weights[domains.source.origin == 1].max()


def test_one_domain_has_no_mixture(shops):
    with pytest.raises(DataError, match="at least two source domains"):
        mixture(replace(shops, origin=None), shops.features)


def test_distances_are_near_0_within_a_domain_symmetric_and_grow(shops):
    rng = np.random.default_rng(0)
    (one, _), (two, _) = drawn(rng, 200), drawn(rng, 200)
    here = distance(one, two, np.random.default_rng(0))
    assert abs(here) < 0.01
    near, far = (distance(one, two + moved, np.random.default_rng(0)) for moved in (0.5, 1.0))
    assert 0.01 < near < far
    assert distance(two, one, np.random.default_rng(0)) == pytest.approx(here, abs=1e-3)


def test_the_distance_is_gretton_s_written_as_loops():
    rng = np.random.default_rng(0)
    one, two = rng.normal(size=(4, 3)), rng.normal(size=(5, 3)) + 1
    spread = np.concatenate([one, two]).std(axis=0)
    a, b = one / spread, two / spread
    width = np.median([((x - y) ** 2).sum() for x in a for y in b])

    def kernel(x, y):
        return np.exp(-((x - y) ** 2).sum() / width)

    own = [np.mean([kernel(x, y) for i, x in enumerate(rows) for j, y in enumerate(rows) if i != j]) for rows in (a, b)]
    expected = sum(own) - 2 * np.mean([kernel(x, y) for x in a for y in b])
    assert distance(one, two, rng) == pytest.approx(expected)
