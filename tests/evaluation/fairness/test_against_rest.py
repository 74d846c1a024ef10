import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.fairness.helpers_fairness import right_in
from headstart.evaluation.fairness.against_rest import comparisons, corrected
from headstart.evaluation.fairness.groups import groupings
from headstart.evaluation.fairness.judged import judge_classes, judge_numbers
from headstart.evaluation.independent import fisher_p


def compared(names, judged, least=10):
    (grouping,) = groupings({"g": names}, least)
    return corrected(comparisons(grouping, judged.aspects, least, seed=0))


def of_hits(hits, sizes):
    names, truth, predicted = right_in(hits, sizes)
    return compared(names, judge_classes(truth, predicted, 3))


def test_each_of_three_groups_against_all_others():
    found = of_hits([15, 30, 45], [20, 40, 50])
    assert [(each["group"], each["n"], each["n_others"]) for each in found] == [
        ("a", 20, 90), ("b", 40, 70), ("c", 50, 60),
    ]  # fmt: skip
    assert [each["value"] for each in found] == [0.75, 0.75, 0.9]
    assert found[0]["others"] == pytest.approx(75 / 90)
    assert [each["p_value"] for each in found] == [
        fisher_p(15, 20, 75, 90), fisher_p(30, 40, 60, 70), fisher_p(45, 50, 45, 60),
    ]  # fmt: skip
    assert found[0]["difference_corrected"]["level"] == pytest.approx(1 - 0.05 / 3)


def test_of_two_groups_the_second_says_what_the_first_said():
    assert [each["group"] for each in of_hits([15, 30], [20, 40])] == ["a"]


def test_of_two_groups_beside_small_ones_both_are_told():
    found = of_hits([15, 30, 2], [20, 40, 5])
    assert [(each["group"], each["n_others"]) for each in found] == [("a", 45), ("b", 25)]


def test_a_large_difference_is_claimed_with_an_interval_that_ends_beyond_0():
    (found,) = of_hits([60, 95], [100, 100])
    assert found["differs"] and found["p_corrected"] == found["p_value"] < 1e-6
    assert found["difference_corrected"]["low"] < -0.35 < found["difference_corrected"]["high"] < 0


def test_a_group_needs_enough_examples_that_count():
    y = np.repeat([0, 1], [60, 20])  # positives: 9 in a, 11 in b
    names = np.concatenate([np.repeat(["a", "b"], 30), np.repeat(["a", "b"], [9, 11])])
    judged = judge_classes(y, y, 2)
    assert {each["metric"] for each in compared(names, judged)} == {
        "accuracy", "selection_rate", "false_positive_rate",
    }  # fmt: skip
    assert "true_positive_rate" in {each["metric"] for each in compared(names, judged, least=9)}


def test_a_selection_rate_says_what_is_true_of_both_sides():
    y = np.tile([0, 1, 1, 1], 20)
    names = np.repeat(["a", "b"], 40)
    (found,) = (each for each in compared(names, judge_classes(y, 1 - y, 2)) if each["metric"] == "selection_rate")
    assert found["base_rate"] == found["others_base_rate"] == 0.75 and found["value"] == 0.25


def test_numbers_are_compared_by_root_and_by_mean():
    rng = np.random.default_rng(0)
    names = np.repeat(["a", "b"], 100)
    error = rng.normal(size=200) * np.where(names == "a", 3, 1)
    found = {each["metric"]: each for each in compared(names, judge_numbers(np.zeros(200), error))}
    assert set(found) == {"rmse", "mean_error"}
    assert found["rmse"]["differs"] and not found["mean_error"]["differs"]
    assert found["rmse"]["difference_corrected"]["low"] > 0
    assert found["rmse"]["value"] == pytest.approx(np.sqrt((error[:100] ** 2).mean()))


def test_numbers_without_spread_have_a_difference_without_an_interval():
    found = compared(np.repeat(["a", "b"], 20), judge_numbers(np.zeros(40), np.repeat([1.0, 2.0], 20)))
    assert found[0]["difference"]["low"] is None and "all the same" in found[0]["difference"]["note"]


SIZES = st.lists(st.integers(2, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=2, max_size=5)


@settings(max_examples=60, deadline=None)
@given(SIZES)
def test_intervals_and_claims_agree_and_hold_the_difference(groups):
    found = of_hits(*zip(*groups, strict=True))
    for each in found:
        for bounds, p in (("difference", each["p_value"]), ("difference_corrected", each["p_corrected"])):
            low, value, high = (each[bounds][key] for key in ("low", "value", "high"))
            assert -1 <= low <= value <= high <= 1
            assert (low < 0 < high or low == value == high == 0) <= (p > 0.05)
            assert (p > 0.05) <= (low <= 0 <= high)
        assert each["differs"] == (each["p_corrected"] <= 0.05)
        assert each["p_value"] <= each["p_corrected"] + 1e-12


def test_nothing_to_compare_gives_nothing():
    assert corrected([]) == []
