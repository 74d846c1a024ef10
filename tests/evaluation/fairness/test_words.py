import numpy as np
import pytest

from evaluation.fairness.helpers_fairness import right_in
from headstart.evaluation.fairness.judged import judge_classes, judge_labels, judge_numbers
from headstart.evaluation.fairness.report import report


def verdict(names, judged, **more):
    return report({"sex": names}, judged, **more)["columns"]["sex"]["verdict"]


def test_a_difference_is_told_in_cases_of_a_hundred():
    names, truth, predicted = right_in([243, 270], [300, 300])
    assert verdict(names, judge_classes(truth, predicted, 3)) == (
        "For sex = a the model is right in 81 of 100 cases, for the others in 90 "
        "(difference 9 points, 95 % interval 3 to 15)."
    )


def test_after_several_comparisons_it_says_how_many():
    names, truth, predicted = right_in([200, 270, 270], [300, 300, 300])
    assert verdict(names, judge_classes(truth, predicted, 3)).startswith(
        "For sex = a the model is right in 67 of 100 cases, for the others in 90 "
        "(difference 23 points, 16 to 31, after correction for 3 comparisons)."
    )


def test_nothing_shown_says_what_cannot_be_excluded():
    names, truth, predicted = right_in([42, 45], [50, 50])
    assert verdict(names, judge_classes(truth, predicted, 3)) == (
        "No difference between the groups of sex in how often the model is right could be shown (largest: sex = a "
        "against the others, 6 points, n = 50 and 50); a difference of up to 21 points cannot be excluded."
    )


def test_of_two_classes_it_is_also_said_that_answers_do_not_differ():
    names, truth = np.repeat(["f", "m"], 100), np.tile([0, 1], 100)
    predicted = np.where((names == "f") & (np.arange(200) % 50 == 1), 0, truth)
    text = verdict(names, judge_classes(truth, predicted, 2), positive="good")
    # of 100 women 50 are good; rows 1 and 51 of theirs are not found, so it says so of 48
    assert text.startswith("No difference between the groups of sex in how often the model is right could be shown")
    assert (
        "No difference by sex in how often it says 'good' could be shown (largest: sex = f against the others, 2 "
        in text
    )
    assert text.count("cannot be excluded.") == 2


def test_answers_that_differ_are_told_beside_what_is_true():
    names, truth = np.repeat(["f", "m"], 200), np.tile([0, 1], 200)
    predicted = np.where((names == "f") & (np.arange(400) % 4 == 1), 0, truth)
    text = verdict(names, judge_classes(truth, predicted, 2), positive="yes")
    assert "For sex = f the model says 'yes' in 25 of 100 cases, for the others in 50 (difference 25 points, " in text
    assert "; in truth 50.0 and 50.0)" in text
    assert "Of those that are 'yes' the model finds 50 of 100 for sex = f, 100 of the others" in text


def test_errors_of_numbers_are_told_in_their_unit():
    names, rng = np.repeat(["n", "s"], 200), np.random.default_rng(0)
    error = rng.normal(size=400) * np.where(names == "n", 3, 1) + np.where(names == "n", 2, 0)
    text = verdict(names, judge_numbers(np.zeros(400), error))
    assert text.startswith("For sex = n predictions are off by 3.5")
    assert "on the average, above 0 being too high" in text


def test_labels_are_told_too():
    names, rng = np.repeat(["n", "s"], 100), np.random.default_rng(0)
    truth = rng.random((200, 3)) < 0.5
    given = np.where((names == "n")[:, None] & (rng.random((200, 3)) < 0.3), ~truth, truth)
    text = verdict(names, judge_labels(truth, given))
    assert "all labels are right in" in text and "of 100 labels are right" in text


def test_at_most_three_differences_are_told():
    sizes = [100] * 6
    names, truth, predicted = right_in([100, 0, 100, 0, 100, 0], sizes)
    text = verdict(names, judge_classes(truth, predicted, 3))
    assert text.count("For sex") == 3 and text.endswith("3 more differences between groups of sex are in the table.")


def test_too_few_that_count_is_said():
    names, truth, predicted = right_in([12, 9], [15, 12])
    judged = judge_classes(truth, predicted, 3)
    assert verdict(names, judged, least=15) == "No two groups of sex have 15 examples each; the largest has 15."


@pytest.mark.parametrize("hits", [[50, 50], [0, 0]])
def test_all_right_or_all_wrong_is_no_difference(hits):
    names, truth, predicted = right_in(hits, [50, 50])
    text = verdict(names, judge_classes(truth, predicted, 3))
    assert "0.0 points" in text and "up to 7 points cannot be excluded" in text
