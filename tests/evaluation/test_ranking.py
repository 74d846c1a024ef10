import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from headstart.core.errors import ShapeError
from headstart.evaluation import ranking

SAMPLES = st.lists(st.tuples(st.booleans(), st.integers(-4, 4)), min_size=2, max_size=60).filter(
    lambda rows: len({positive for positive, _ in rows}) == 2
)


def test_area_by_hand():
    # pairs (positive, negative): (3, 2) right, (3, 1) right, (1, 2) wrong, (1, 1) half
    assert ranking.roc_auc(np.array([1, 1, 0, 0], bool), np.array([3.0, 1.0, 2.0, 1.0])) == pytest.approx(2.5 / 4)


def test_average_precision_by_hand():
    # positives at ranks 1 and 3: (1/1 + 2/3) / 2
    assert ranking.average_precision(np.array([1, 0, 1], bool), np.array([3.0, 2.0, 1.0])) == pytest.approx(5 / 6)


@given(SAMPLES)
def test_values_equal_scikit_learn_ties_included(rows):
    y, s = np.array([r[0] for r in rows]), np.array([float(r[1]) for r in rows])
    assert ranking.roc_auc(y, s) == pytest.approx(metrics.roc_auc_score(y, s))
    assert ranking.average_precision(y, s) == pytest.approx(metrics.average_precision_score(y, s))


@given(SAMPLES)
def test_intervals_hold_their_values(rows):
    y, s = np.array([r[0] for r in rows]), np.array([float(r[1]) for r in rows])
    for value, bounds in (
        (ranking.roc_auc(y, s), ranking.roc_auc_interval(y, s)),
        (ranking.average_precision(y, s), ranking.average_precision_interval(y, s)),
    ):
        assert 0 <= bounds[0] <= value + 1e-9 and value - 1e-9 <= bounds[1] <= 1


@given(SAMPLES)
def test_turning_scores_and_classes_leaves_the_area(rows):
    y, s = np.array([r[0] for r in rows]), np.array([float(r[1]) for r in rows])
    assert ranking.roc_auc(~y, -s) == pytest.approx(ranking.roc_auc(y, s))
    assert ranking.roc_auc_interval(~y, -s) == pytest.approx(ranking.roc_auc_interval(y, s), abs=1e-9)


def test_a_perfect_ranking_of_few_has_a_lower_limit_well_below_one():
    y = np.arange(30) < 10
    low, high = ranking.roc_auc_interval(y, -np.arange(30.0))
    assert 0.8 < low < 0.95 and high == pytest.approx(1)
    low, high = ranking.average_precision_interval(y, -np.arange(30.0))
    assert low == pytest.approx(0.025 ** (1 / 10)) and high == 1


def test_the_limits_of_the_area_are_where_the_score_reaches_z():
    y = np.arange(40) % 2 == 0
    s = np.random.default_rng(0).normal(size=40) + y
    area, limits = ranking.roc_auc(y, s), ranking.roc_auc_interval(y, s)

    def variance(theta):  # Hanley and McNeil, with the mean group size 20 in place of both
        return theta * (1 - theta) * (1 + 19 * ((1 - theta) / (2 - theta) + theta / (1 + theta))) / 400

    scale = max(1, ranking._delong(s[y], s[~y]) / variance(area))
    for limit in limits:
        assert abs(area - limit) / np.sqrt(scale * variance(limit)) == pytest.approx(1.95996, rel=1e-4)


@pytest.mark.parametrize("m", [2, 9])
def test_delongs_variance_equals_the_variance_of_placements_by_loop(m):
    rng = np.random.default_rng(4)
    positive, negative = rng.integers(0, 5, m).astype(float), rng.integers(0, 5, 7).astype(float)
    kernel = np.array([[(p > n) + 0.5 * (p == n) for n in negative] for p in positive])
    expected = kernel.mean(1).var(ddof=1) / m + kernel.mean(0).var(ddof=1) / 7
    assert ranking._delong(positive, negative) == pytest.approx(expected) and expected > 0
    assert ranking._delong(positive[:1], negative) == ranking._delong(positive, negative[:1]) == 0  # shows no variance


def test_flags_may_be_zeros_and_ones():
    y, s = np.array([1, 0, 1, 0]), np.array([3.0, 2.0, 1.0, 0.0])
    assert ranking.roc_auc(y, s) == ranking.roc_auc(y > 0, s) == 0.75
    assert ranking.average_precision(y, s) == ranking.average_precision(y > 0, s)


@pytest.mark.parametrize("shapes", [((2, 2), (2, 2)), ((3,), (2,)), ((2, 1), (2,))], ids=str)
def test_other_shapes_are_refused(shapes):
    with pytest.raises(ShapeError, match=r"must both be \(N,\)"):
        ranking.roc_auc(np.arange(np.prod(shapes[0])).reshape(shapes[0]) % 2, np.ones(shapes[1]))


def test_one_class_alone_cannot_be_ranked():
    with pytest.raises(ShapeError, match="2 positives of 2"):
        ranking.roc_auc(np.ones(2, bool), np.arange(2.0))
