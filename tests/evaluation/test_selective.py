import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.errors import ConfigError, ShapeError
from headstart.evaluation.selective import (
    SHARES,
    abstain_threshold,
    abstaining,
    answered_table,
    area_under_risk_coverage,
    fewest_answered,
)


def made(n, seed=0, slope=3.0):
    rng = np.random.default_rng(seed)
    c = rng.random(n)
    return c, rng.random(n) < 1 / (1 + np.exp(-slope * (c - 0.1)))


def test_a_table_by_hand():
    c, right = np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, True, False, True])
    low, middle, high, none = answered_table(c, right, [0.0, 0.7, 0.8, 1.0])
    assert [row["n"] for row in (low, middle, high, none)] == [4, 3, 2, 0]
    assert [row["answered"]["value"] for row in (low, middle, high, none)] == [1, 0.75, 0.5, 0]
    assert low["accuracy"]["value"] == 0.75 and middle["accuracy"]["value"] == pytest.approx(2 / 3)
    assert high["accuracy"]["value"] == 1 and high["accuracy"]["low"] == pytest.approx(0.025 ** (1 / 2))
    assert none["accuracy"]["value"] is None and none["accuracy"]["note"]


def test_a_table_of_its_own_thresholds_goes_from_all_rows_to_the_surest():
    rows = answered_table(*made(200))
    assert len(rows) == len(SHARES) and rows[0]["answered"]["value"] == 1
    assert [row["answered"]["value"] for row in rows] == pytest.approx(list(SHARES), abs=0.005)
    assert rows == sorted(rows, key=lambda row: row["threshold"])


def test_a_table_of_ten_rows_ends_with_the_surest_alone():
    rows = answered_table(np.arange(10) / 10, np.ones(10, bool))
    assert rows[-1]["threshold"] == 0.9 and [row["n"] for row in rows] == [10, 9, 8, 7, 6, 5, 3, 1]


def test_equal_confidences_give_one_row():
    assert len(answered_table(np.ones(10), np.arange(10) < 5)) == 1


def slow_area(c, right, rng, orders):
    """Ties in random order, again and again."""
    areas = []
    for _ in range(orders):
        shuffled = rng.permutation(len(c))
        order = shuffled[np.argsort(-c[shuffled], kind="stable")]
        wrong = ~right[order]
        areas.append(np.mean([wrong[: k + 1].mean() for k in range(len(c))]))
    return np.mean(areas)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_the_area_is_the_mean_over_orders_of_equal_rows(seed, n):
    rng = np.random.default_rng(seed)
    c, right = rng.integers(0, 3, n) / 3, rng.random(n) < 0.5
    assert area_under_risk_coverage(c, right) == pytest.approx(slow_area(c, right, rng, 400), abs=0.06)
    distinct = rng.random(n)
    assert area_under_risk_coverage(distinct, right) == pytest.approx(slow_area(distinct, right, rng, 1))


def test_errors_last_are_better_than_errors_first():
    c, right = np.arange(10.0), np.arange(10) >= 3
    assert area_under_risk_coverage(c, right) < area_under_risk_coverage(-c, right)
    assert area_under_risk_coverage(np.zeros(10), right) == pytest.approx(0.3)


@pytest.mark.parametrize(("wanted", "fewest"), [(0.9, 29), (0.95, 59), (0.99, 299)])
def test_the_fewest_rows_are_those_that_are_all_right_in_five_of_a_hundred_draws(wanted, fewest):
    assert fewest_answered(wanted) == fewest
    assert wanted**fewest <= 0.05 < wanted ** (fewest - 1)
    c = np.linspace(0, 1, fewest)
    assert abstain_threshold(c, np.ones(fewest, bool), wanted) == 0
    one_less = abstaining(c[1:], np.ones(fewest - 1, bool), wanted)
    assert one_less.threshold is None and f"{fewest} that are right are needed" in one_less.why


def slow_threshold(c, right, wanted):
    """The same tests with sums of binomial terms, one after the other."""
    n, fewest = len(c), fewest_answered(wanted)
    if n < fewest:
        return None
    counts, count = [], min(1.6 * fewest, n)
    while count < n:
        counts.append(math.ceil(count))
        count *= 1.3
    found = None
    for m in [*counts, n]:
        threshold = sorted(c, reverse=True)[m - 1]
        flags = [r for x, r in zip(c, right, strict=True) if x >= threshold]
        m, errors = len(flags), len(flags) - sum(flags)
        tail = sum(math.comb(m, e) * (1 - wanted) ** e * wanted ** (m - e) for e in range(errors + 1))
        if tail > 0.05:
            return found
        found = threshold
    return found


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(20, 200), st.sampled_from([0.7, 0.85, 0.9]), st.booleans())
def test_the_threshold_is_that_of_the_tests_one_by_one(seed, n, wanted, has_ties):
    c, right = made(n, seed, 5.0)
    c = np.round(c, 1) if has_ties else c
    assert abstain_threshold(c, right, wanted) == slow_threshold(c, right.tolist(), wanted)


def test_what_is_found_is_told():
    c, right = made(400, 3, 8.0)
    found = abstaining(c, right, 0.9)
    answered = c >= found.threshold
    assert (found.answered, found.right, found.n) == (answered.sum(), right[answered].sum(), 400)
    assert found.why == f"{found.right} of {found.answered} rows as sure as this are right"
    assert found.right / found.answered > 0.9


def test_rows_that_err_at_the_top_promise_nothing():
    found = abstaining(np.arange(200.0), np.arange(200) % 2 == 0, 0.9)
    assert found.threshold is None and "surest" in found.why


@pytest.mark.parametrize("n", [60, 300])
def test_the_promise_is_broken_in_about_five_of_a_hundred_draws_at_most(n):
    # confidence tells nothing and 89 in 100 rows are right: any threshold breaks the promise of 90 in 100
    rng = np.random.default_rng(n)
    broken = [abstain_threshold(rng.random(n), rng.random(n) < 0.89, 0.9) is not None for _ in range(1000)]
    assert np.mean(broken) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1000)


def test_what_does_not_fit_is_said():
    c, right = made(20)
    for call in (answered_table, area_under_risk_coverage, lambda *rows: abstaining(*rows, 0.9)):
        with pytest.raises(ShapeError, match="both be"):
            call(c[1:], right)
        with pytest.raises(ShapeError, match="finite"):
            call(np.where(c == c[0], np.nan, c), right)
    with pytest.raises(ConfigError, match="between 0 and 1"):
        abstaining(c, right, 1.0)
