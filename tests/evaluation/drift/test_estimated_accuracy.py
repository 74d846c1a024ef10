import numpy as np
import pytest

from headstart.evaluation.drift.estimated_accuracy import by_confidence, by_threshold, held_out_accuracy

SURE = np.array([0.9, 0.8, 0.6, 0.5])
RIGHT = np.array([True, True, False, True])


def test_held_out_rows_give_a_threshold_above_which_as_many_lie_as_are_right():
    found = held_out_accuracy(SURE, RIGHT)
    assert (found.n, found.right, found.sure) == (4, 0.75, pytest.approx(0.7))
    assert (found.threshold, found.above) == (0.6, 0.75)


def test_no_row_is_above_the_threshold_where_none_is_right():
    found = held_out_accuracy(SURE, np.zeros(4))
    assert found.threshold > 0.9
    assert found.above == 0


def test_mean_sureness_is_the_accuracy_less_what_held_out_rows_were_too_sure():
    found = held_out_accuracy(SURE, RIGHT)
    # 60 of mean sureness, 0.05 more right than sure
    assert by_confidence(found, 60.0, 20.0, 100)["value"] == pytest.approx(0.65)


def test_the_share_above_the_threshold_is_the_accuracy():
    assert by_threshold(held_out_accuracy(SURE, RIGHT), 50, 100)["value"] == 0.5


def test_intervals_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(0)
    held = {"confidence": 0, "threshold": 0}
    for _ in range(400):
        chance = [rng.beta(4, 1, n) for n in (400, 200)]
        right = [rng.random(len(each)) < each for each in chance]
        found = held_out_accuracy(chance[0], right[0])
        spread = float((chance[1] * (1 - chance[1])).sum())
        estimates = {
            "confidence": by_confidence(found, float(chance[1].sum()), spread, 200),
            "threshold": by_threshold(found, int((chance[1] >= found.threshold).sum()), 200),
        }
        for name, each in estimates.items():
            held[name] += each["low"] <= right[1].mean() <= each["high"]
    assert min(held.values()) >= 370  # of 400; 380 are promised


def test_bounds_stay_between_0_and_1():
    found = held_out_accuracy(np.array([1.0, 1.0]), np.array([True, True]))
    each = by_confidence(found, 3.0, 0.0, 3)
    assert (each["low"], each["value"], each["high"]) == (1.0, 1.0, 1.0)
