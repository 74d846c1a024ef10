import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.evaluation.operating_points import (
    best_precision,
    just_below,
    operating_points,
    positives_needed,
    precision_threshold,
    recall_threshold,
    share_of,
)

rows = st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=1, max_size=60)


def arrays(pairs):
    return np.array([truth for truth, _ in pairs]), np.array([value / 20 for _, value in pairs])


def test_nine_positives_promise_four_of_five_below_the_second_smallest():
    truth = np.array([True] * 9 + [False] * 3)
    p = np.concatenate([np.arange(1, 10) / 10, [0.0, 0.17, 0.95]])
    assert recall_threshold(truth, p, 0.8) == pytest.approx((0.2 + 0.17) / 2)
    assert recall_threshold(truth, p, 0.9) == pytest.approx((0.1 + 0.0) / 2)
    assert recall_threshold(truth, p, 0.95) is None


@pytest.mark.parametrize(("recall", "needed"), [(0.5, 1), (0.8, 4), (0.9, 9), (0.95, 19), (0.99, 99), (1.0, None)])
def test_positives_needed_is_the_number_from_which_on_there_is_a_threshold(recall, needed):
    assert positives_needed(recall) == needed
    if needed is not None:
        p = np.linspace(0.1, 0.9, needed)
        assert recall_threshold(np.ones(needed, bool), p, recall) is not None
        assert needed == 1 or recall_threshold(np.ones(needed - 1, bool), p[1:], recall) is None


def test_the_recall_of_new_positives_is_what_was_asked_in_the_mean():
    rng = np.random.default_rng(0)
    found = []
    for _ in range(2000):
        threshold = recall_threshold(np.ones(24, bool), rng.random(24), 0.9)
        found.append(1 - threshold)  # of uniform probabilities this share is above the threshold
    assert 0.92 <= np.mean(found) < 0.95  # between the first and the second of 24: 1 - 1.5 / 25


@given(rows, st.floats(0.05, 1.0))
def test_held_out_recall_is_at_least_what_was_asked(pairs, recall):
    truth, p = arrays(pairs)
    threshold = recall_threshold(truth, p, recall)
    if threshold is not None:
        assert (p[truth] >= threshold).mean() >= recall - 1e-9


@given(rows, st.floats(0.05, 1.0))
def test_precision_is_reached_with_as_many_flagged_as_can_be(pairs, precision):
    truth, p = arrays(pairs)

    def reached(threshold):
        flagged = p >= threshold
        return flagged.sum() >= 5 and truth[flagged].mean() >= precision - 1e-12

    threshold = precision_threshold(truth, p, precision)
    good = [value for value in np.unique(p) if reached(value)]
    if threshold is None:
        assert not good
        most = best_precision(truth, p)
        assert most is None or most < precision
    else:
        assert reached(threshold) and (p >= threshold).sum() == (p >= min(good)).sum()


def test_just_below_is_halfway_to_the_next_lower_one():
    p = np.array([0.2, 0.6, 0.6, 0.9])
    assert just_below(p, 0.6) == pytest.approx(0.4)
    assert just_below(p, 0.2) == pytest.approx(0.1)


def test_operating_points_by_hand():
    truth = np.array([True, True, False, False])
    first, second, third = operating_points(truth, np.array([0.9, 0.4, 0.6, 0.1]), [0.5, 0.95, 0.0])
    assert (first["flagged"]["value"], first["recall"]["value"], first["precision"]["value"]) == (0.5, 0.5, 0.5)
    assert second["recall"]["value"] == 0 and second["precision"]["value"] is None
    assert second["precision"]["note"] == "nothing is flagged"
    assert (third["flagged"]["value"], third["recall"]["value"], third["precision"]["value"]) == (1, 1, 0.5)


def test_a_threshold_flags_what_lies_on_it_and_is_given_back():
    (found,) = operating_points(np.array([True, False]), np.array([0.5, 0.4]), [0.5])
    assert found["threshold"] == 0.5 and found["flagged"]["value"] == 0.5 and found["recall"]["value"] == 1


def test_the_types_of_what_is_given_do_not_count():
    p = np.array([0.7, 0.2], np.float32)  # 0.7 in float32 is 0.69999999
    found = operating_points(np.array([1.0, 0.0]), p, [0.7])
    assert found == operating_points(np.array([True, False]), p.astype(np.float64), [0.7])
    assert found[0]["flagged"]["value"] == 0


def test_without_examples_each_share_says_what_is_missing():
    (found,) = operating_points(np.zeros(0, bool), np.zeros(0), [0.5])
    notes = {name: found[name]["note"] for name in ("flagged", "recall", "precision")}
    assert notes == {
        "flagged": "there are no examples",
        "recall": "there is no positive example",
        "precision": "nothing is flagged",
    }


def test_a_share_of_nothing_is_none():
    assert share_of(0, 0, "why")["value"] is None
    assert share_of(1, 2, "")["low"] == pytest.approx(0.0126, abs=1e-4)  # Clopper-Pearson, by tables
