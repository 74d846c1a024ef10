import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.fairness.helpers_fairness import COUNTS, right_in, rows_of
from headstart.evaluation.fairness.aspects import rate
from headstart.evaluation.fairness.estimates import Estimates
from headstart.evaluation.fairness.gaps import difference_bounds, gaps, ratio_bounds
from headstart.evaluation.fairness.groups import groupings
from headstart.evaluation.fairness.judged import judge_classes, judge_numbers
from headstart.evaluation.independent import difference_limits
from headstart.evaluation.proportions import clopper_pearson


def of(names, judged, least=10):
    (grouping,) = groupings({"g": names}, least)
    return gaps(grouping, judged.aspects, least, seed=0)


def test_definitions_are_those_of_fairlearn():
    groups, truth, decision = rows_of(COUNTS)
    found = of(groups, judge_classes(truth, decision, 2))
    fairlearn = {  # 0.15.0, on these rows
        "demographic_parity_difference": 0.20805610501708333,
        "demographic_parity_ratio": 0.6325817719911082,
        "equal_opportunity_difference": 0.25,
        "equalized_odds_difference": 0.25,
    }
    assert {name: found[name]["value"] for name in fairlearn} == pytest.approx(fairlearn)
    assert found["false_positive_rate_gap"]["value"] == pytest.approx(0.3142857142857143 - 0.11904761904761904)
    assert found["accuracy_gap"]["value"] == pytest.approx(60 / 67 - 60 / 83)


def test_two_groups_have_the_interval_of_their_difference():
    names, truth, predicted = right_in([30, 45], [40, 50])
    found = of(names, judge_classes(truth, predicted, 3))["accuracy_gap"]
    low, high = difference_limits(0.9, clopper_pearson(45, 50), 0.75, clopper_pearson(30, 40))
    assert (found["value"], found["low"], found["high"]) == pytest.approx((0.15, max(float(low), 0), float(high)))
    assert found["groups"] == 2 and 0 < found["p_value"] <= 1


def test_groups_with_too_few_examples_that_count_are_in_no_gap():
    groups, truth, decision = rows_of([[[20, 5], [5, 20]], [[20, 5], [5, 20]], [[20, 10], [0, 3]]])
    found = of(groups, judge_classes(truth, decision, 2))
    assert found["equal_opportunity_difference"]["groups"] == 2 and found["equal_opportunity_difference"]["value"] == 0
    assert found["false_positive_rate_gap"]["groups"] == 3
    assert found["equalized_odds_difference"]["value"] == pytest.approx(10 / 30 - 5 / 25)


def test_a_rate_that_one_group_alone_has_makes_no_gap():
    groups, truth, decision = rows_of([[[20, 5], [0, 0]], [[20, 5], [5, 20]]])
    found = of(groups, judge_classes(truth, decision, 2))
    for name in ("equal_opportunity_difference", "equalized_odds_difference"):
        assert found[name]["value"] is None and found[name]["low"] is None and found[name]["p_value"] is None
        assert found[name]["note"] == "fewer than two groups have enough positive examples"
    assert found["false_positive_rate_gap"]["value"] == 0


def test_where_nobody_is_selected_there_is_no_ratio_and_where_one_group_is_not_it_is_0():
    groups, truth, decision = rows_of([[[20, 0], [20, 0]], [[20, 0], [20, 0]]])
    none = of(groups, judge_classes(truth, decision, 2))
    assert none["demographic_parity_ratio"]["value"] is None and none["demographic_parity_difference"]["value"] == 0
    groups, truth, decision = rows_of([[[20, 0], [20, 0]], [[20, 10], [0, 20]]])
    one = of(groups, judge_classes(truth, decision, 2))["demographic_parity_ratio"]
    assert one["value"] == one["low"] == 0 and 0 < one["high"] < 0.3


def test_numbers_have_gaps_of_mean_and_root():
    names, error = np.repeat(["a", "b", "c"], 30), np.random.default_rng(0).normal(size=90)
    error[:30] += 2
    found = of(names, judge_numbers(np.zeros(90), error))
    means = error.reshape(3, 30).mean(axis=1)
    assert found["mean_error_gap"]["value"] == pytest.approx(means.max() - means.min())
    assert found["mean_error_gap"]["p_value"] == 1 / 5000 and found["mean_error_gap"]["low"] > 1
    roots = np.sqrt((error.reshape(3, 30) ** 2).mean(axis=1))
    assert found["rmse_gap"]["value"] == pytest.approx(roots.max() - roots.min())


def test_numbers_without_spread_have_a_gap_without_an_interval():
    found = of(np.repeat(["a", "b"], 20), judge_numbers(np.zeros(40), np.repeat([1.0, 2.0], 20)))
    assert found["mean_error_gap"]["value"] == 1 and found["mean_error_gap"]["low"] is None
    assert found["mean_error_gap"]["note"]


GROUPS = st.lists(
    st.integers(1, 80).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=2, max_size=6
)


def estimates(groups):
    return Estimates(rate("x", np.zeros(1)), tuple((np.arange(n) < k).astype(float) for k, n in groups))


@settings(deadline=None)
@given(GROUPS, st.randoms(use_true_random=False))
def test_intervals_hold_their_gap_whatever_the_order_of_groups(groups, random):
    of_groups = estimates(groups)
    low, high = difference_bounds([of_groups])
    gap = of_groups.value.max() - of_groups.value.min()
    assert 0 <= low <= gap + 1e-12 and gap <= high + 1e-12 and high <= 1
    random.shuffle(groups)
    assert difference_bounds([estimates(groups)]) == pytest.approx((low, high))
    if of_groups.value.max() > 0:
        ratio = of_groups.value.min() / of_groups.value.max()
        below, above = ratio_bounds(of_groups)
        assert 0 <= below <= ratio * (1 + 1e-9) and ratio <= above * (1 + 1e-9) and above <= 1
        assert ratio_bounds(estimates(groups)) == pytest.approx((below, above))


@settings(deadline=None)
@given(GROUPS)
def test_the_interval_over_pairs_written_out(groups):
    pairs = [(i, j) for i in range(len(groups)) for j in range(len(groups)) if i != j]
    tail = 0.025 / (len(pairs) / 2)
    found = [
        difference_limits(k / n, clopper_pearson(k, n, tail), m / o, clopper_pearson(m, o, tail))
        for (k, n), (m, o) in ((groups[i], groups[j]) for i, j in pairs)
    ]
    expected = max(0.0, *(float(low) for low, _ in found)), min(1.0, max(float(high) for _, high in found))
    assert difference_bounds([estimates(groups)]) == pytest.approx(expected)
