"""Sets of classes. The promise is exact: of n + 1 rows each is once the new one, and a share c of them must be held."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.errors import ConfigError, ShapeError
from headstart.evaluation.conformal import (
    class_thresholds,
    classes_too_few,
    conformal_rank,
    coverage_span,
    fewest_rows,
    sets,
    thresholds,
    too_few,
    without_gaps,
)
from headstart.evaluation.conformal_report import set_report
from headstart.evaluation.intervals import interval
from headstart.evaluation.mean_loss import mean_interval


def made(n, k, seed, decimals=6):
    rng = np.random.default_rng(seed)
    y = rng.integers(k, size=n)
    z = rng.normal(size=(n, k)) * 2
    z[np.arange(n), y] += 1
    p = np.exp(z)
    return np.round(p / p.sum(axis=1, keepdims=True), decimals), y


def test_nine_rows_by_hand():
    # ceil(10 * 0.9) = 9: the ninth largest of nine probabilities of the truth, which is the smallest
    own = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])
    p = np.stack([own, 1 - own], axis=1)
    assert thresholds(p, np.zeros(9, int)) == 0.1
    assert thresholds(p, np.zeros(9, int), 0.5) == 0.5  # ceil(10 * 0.5) = 5
    assert thresholds(p[:8], np.zeros(8, int)) is None


def test_the_rank_is_the_smallest_that_covers_often_enough():
    for n in range(1, 300):
        for coverage in (0.5, 0.8, 0.9, 0.95, 0.99):
            enough = [r for r in range(1, n + 1) if r / (n + 1) >= coverage - 1e-9]
            assert conformal_rank(n, coverage) == (enough[0] if enough else None)
            assert (n >= fewest_rows(coverage)) == bool(enough) == (too_few(n, coverage) is None)


@pytest.mark.parametrize(("coverage", "fewest"), [(0.9, 9), (0.95, 19), (0.99, 99)])
def test_one_row_less_than_the_level_needs_gives_nothing_and_says_so(coverage, fewest):
    assert fewest_rows(coverage) == fewest
    p, y = made(fewest, 3, 0)
    assert thresholds(p, y, coverage) is not None and thresholds(p[1:], y[1:], coverage) is None
    assert f"{fewest} are needed" in too_few(fewest - 1, coverage)
    assert coverage_span(fewest - 1, coverage) is None and class_thresholds(p[1:], y[1:], coverage) is None


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(10, 40), st.integers(2, 4), st.sampled_from([0.5, 0.8, 0.9]), st.booleans())
def test_each_row_once_the_new_one_the_sets_hold_the_truth_often_enough(seed, n, k, coverage, has_ties):
    p, y = made(n, k, seed, decimals=1 if has_ties else 6)
    held = []
    for new in range(n):
        rest = np.arange(n) != new
        threshold = thresholds(p[rest], y[rest], coverage)
        held.append(bool(sets(p[[new]], threshold)[0, y[new]]))
    assert np.mean(held) >= coverage - 1e-9


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(40, 70), st.integers(2, 3))
def test_so_do_they_within_each_class_that_has_rows_enough(seed, n, k):
    p, y = made(n, k, seed)
    held = np.array([sets(p[[i]], class_thresholds(np.delete(p, i, 0), np.delete(y, i)))[0, y[i]] for i in range(n)])
    for c in range(k):
        if (y == c).sum() > fewest_rows():
            assert held[y == c].mean() >= 0.9


def test_a_rare_class_gets_the_threshold_for_all():
    p, y = made(100, 3, 1)
    y[y == 2] = 0
    y[:8] = 2
    found = class_thresholds(p, y)
    assert classes_too_few(y, 3) == [2] and found[2] == thresholds(p, y)
    assert found[0] == thresholds(p[y == 0], y[y == 0])


def test_a_class_without_a_row_has_too_few_and_the_level_decides_how_many_are():
    truth = np.repeat([0, 1], [9, 3])
    assert classes_too_few(truth, 3) == [1, 2] and classes_too_few(truth, 3, 0.5) == [2]


def test_too_few_rows_are_told_with_the_level():
    told = "5 held-out rows are too few for sets that hold the truth in 95 % of cases; 19 are needed"
    assert too_few(5, 0.95) == told


def test_sets_by_hand_and_none_is_empty():
    p = np.array([[0.5, 0.3, 0.2], [0.4, 0.35, 0.25]])
    assert sets(p, 0.3).tolist() == [[True, True, False], [True, True, False]]
    assert sets(p, 0.45).tolist() == [[True, False, False], [True, False, False]]
    assert sets(p, np.array([0.6, 0.35, 0.25])).tolist() == [[True, False, False], [True, True, True]]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 1), st.floats(0, 1))
def test_a_lower_threshold_only_adds_classes(seed, first, second):
    p, _ = made(20, 4, seed)
    low, high = sorted([first, second])
    assert (sets(p, low) >= sets(p, high)).all() and sets(p, high).any(axis=1).all()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1, max_size=6))
def test_grades_between_two_of_a_set_are_in_it_and_no_others(rows):
    held, found = np.array(rows), without_gaps(np.array(rows))
    for before, after in zip(held, found, strict=True):
        there = np.flatnonzero(before)
        assert np.flatnonzero(after).tolist() == (list(range(there[0], there[-1] + 1)) if len(there) else [])


def test_the_span_is_what_draws_of_the_rows_give():
    # with uniform scores the share covered is the rank-th smallest of n: a beta variable
    rng = np.random.default_rng(0)
    n, rank = 50, conformal_rank(50)
    covered = np.sort(rng.random((20_000, n)), axis=1)[:, rank - 1]
    assert np.allclose(coverage_span(n), np.quantile(covered, [0.025, 0.975]), atol=0.01)
    assert coverage_span(10_000)[1] - coverage_span(10_000)[0] < 0.012


def test_a_report_by_hand():
    held = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [1, 1, 1]], dtype=bool)
    found = set_report(held, np.array([0, 0, 0, 1]))
    assert found["n"] == 4 and found["coverage"]["value"] == 0.75 and found["mean_size"]["value"] == 1.75
    assert found["single"]["value"] == 0.5 and found["sizes"] == [0, 2, 1, 1]
    assert [each["value"] for each in found["per_class"]] == [pytest.approx(2 / 3), 1.0, None]
    assert found["per_class"][2]["note"] and [each["n"] for each in found["per_class"]] == [3, 1, 0]
    assert found["coverage"]["low"] < 0.75 < found["coverage"]["high"]
    assert set_report(held.astype(np.float64), np.array([0, 0, 0, 1])) == found
    assert found["mean_size"] == interval(1.75, mean_interval(np.array([1, 2, 1, 3])))
    few = set_report(held[:3], np.array([0, 0, 0]))
    assert few["single"]["value"] == pytest.approx(2 / 3) and few["sizes"] == [0, 2, 1, 0]


def test_sets_of_one_size_have_a_mean_without_an_interval():
    found = set_report(np.eye(3, dtype=bool), np.arange(3))
    assert found["mean_size"]["value"] == 1 and found["mean_size"]["low"] is None and found["mean_size"]["note"]


def test_what_does_not_fit_is_said():
    p, y = made(20, 3, 0)
    with pytest.raises(ShapeError, match="truth"):
        thresholds(p, y[1:])
    with pytest.raises(ShapeError, match="classes must be numbers 0 to 2; got 0 to 3"):
        thresholds(p, np.arange(20) % 4)
    with pytest.raises(ShapeError, match="finite"):
        class_thresholds(np.where(p == p.max(), np.nan, p), y)
    with pytest.raises(ShapeError, match="threshold"):
        sets(p, np.zeros(2))
    with pytest.raises(ShapeError, match="sets must be"):
        set_report(p > 0.5, y[1:])
    with pytest.raises(ConfigError, match="between 0 and 1"):
        thresholds(p, y, 1.0)
