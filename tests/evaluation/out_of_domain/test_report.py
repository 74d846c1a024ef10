from __future__ import annotations

import numpy as np
import pytest

from headstart.core.errors import ShapeError
from headstart.evaluation.out_of_domain.report import detection_report, false_alarms, false_alarms_interval


def test_a_report_by_hand():
    # rows from outside 1..20; 19 of them (95 %) score 2 or more, as do 3 of the 10 rows of the domain
    inside = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 1.5, 2.0, 5.5, 30.0])
    found = detection_report(inside, np.arange(1.0, 21), np.arange(19.0))
    assert found["fpr_at_95_tpr"]["value"] == pytest.approx(0.3)
    # p <= 1/20 needs a score above all of the reference 0..18: 19 and 20 of those from outside, 30 of the domain
    assert found["flagged"]["value"] == pytest.approx(2 / 20) and found["flagged_in"]["value"] == pytest.approx(0.1)
    pairs = np.mean([(o > i) + 0.5 * (o == i) for o in np.arange(1.0, 21) for i in inside])
    assert found["auroc"]["value"] == pytest.approx(pairs)
    assert (found["n_in"], found["n_out"]) == (10, 20)


def test_without_a_reference_the_domains_own_scores_are_it():
    found = detection_report(np.arange(100.0), np.array([50.0, 96.0, 1000.0]))
    assert "flagged_in" not in found
    assert found["flagged"]["value"] == pytest.approx(2 / 3)  # 96: (1 + 4) / 101 <= 0.05


def test_too_few_scores_of_the_domain_flag_nothing_and_say_so():
    found = detection_report(np.arange(18.0), np.full(5, 99.0))["flagged"]
    assert found["value"] is None and "19 held-out scores" in found["note"]


def test_few_rows_from_outside_leave_the_threshold_open():
    rng = np.random.default_rng(0)
    low, high = false_alarms_interval(rng.normal(size=1000), rng.normal(size=85) + 9)
    assert low == 0 and high == 1
    assert false_alarms_interval(rng.normal(size=1000), rng.normal(size=86) + 9)[1] < 0.01


@pytest.mark.parametrize("n", [1, 30, 500])
def test_the_interval_holds_the_observed_share(n):
    rng = np.random.default_rng(n)
    inside, outside = rng.normal(size=n), rng.normal(size=n) + 2
    low, high = false_alarms_interval(inside, outside)
    assert 0 <= low <= false_alarms(inside, outside) <= high <= 1


def test_scores_that_tell_nothing_cross_the_middle():
    rng = np.random.default_rng(1)
    found = detection_report(rng.normal(size=300), rng.normal(size=300))
    assert found["auroc"]["low"] < 0.5 < found["auroc"]["high"]
    assert found["flagged"]["low"] < 0.06 and found["fpr_at_95_tpr"]["high"] > 0.93


def test_what_does_not_fit_is_said():
    for bad in (np.zeros((2, 2)), np.zeros(0), np.array([np.inf])):
        with pytest.raises(ShapeError, match="scores must be"):
            detection_report(bad, np.zeros(3))
        with pytest.raises(ShapeError, match="scores must be"):
            detection_report(np.zeros(3), np.zeros(3), bad)
