import json

import numpy as np
import pytest

from headstart.core.errors import DataError, ShapeError
from headstart.core.learning import Targets
from headstart.evaluation.proportions import clopper_pearson, paired_difference
from headstart.mitigation.tradeoff import Run, chosen, tradeoff, worst_loss

TARGETS = Targets(np.zeros(100, np.int64), "class", 2)
GROUPS = np.repeat([0, 1], [80, 20])
NAMES = {0: "many", 1: "few"}


def outputs(right_many, right_few):
    """Of 80 and of 20 examples so many are right, the first ones."""
    right = np.concatenate([np.arange(80) < right_many, np.arange(20) < right_few])
    return np.where(right[:, None], [[1.0, 0.0]], [[0.0, 1.0]])


def curve(*pairs, **more):
    runs = [Run("none", 0.0, outputs(72, 8)), *(Run(f"m{at}", 1.0, outputs(*pair)) for at, pair in enumerate(pairs))]
    return tradeoff(runs, TARGETS, GROUPS, NAMES, **more)


def test_a_point_by_hand():
    plain, point = curve((70, 12))["points"]
    assert plain["mean"]["value"] == 0.8 and plain["worst"]["value"] == 0.4 and plain["worst"]["group"] == "few"
    assert plain["gap"]["value"] == pytest.approx(0.5) and plain["mean_change"] is None
    assert point["mean"]["value"] == 0.82 and point["worst"] == {
        "group": "few", "n": 20, "value": 0.6, "low": pytest.approx(clopper_pearson(12, 20, 0.0125)[0]),
        "high": pytest.approx(clopper_pearson(12, 20, 0.0125)[1]), "level": 0.975,
    }  # fmt: skip
    assert point["worst_change"] == pytest.approx(0.2) and point["mean_change"]["value"] == pytest.approx(0.02)
    low, high = paired_difference(4, 2, 100)
    assert (point["mean_change"]["low"], point["mean_change"]["high"]) == pytest.approx((float(low), float(high)))
    assert point["bound"] == point["worst"]["low"]


def test_gain_and_cost_are_told_in_points():
    points = curve((64, 14))["points"]
    assert points[0]["sentence"] == "As it is: worst group (few) 40.0 of 100 right, 80.0 in the mean."
    assert points[1]["sentence"] == (
        "m0 at strength 1: worst group (few) +30.0 points, to 70.0, for -2.0 points in the mean, to 78.0."
    )


def test_what_another_point_beats_in_both_is_not_on_the_front():
    found = curve((70, 12), (68, 12), (60, 16), (70, 12))["points"]
    assert [point["is_on_front"] for point in found] == [False, True, False, True, True]


def test_the_best_worst_group_is_chosen_among_what_costs_little():
    found = curve((72, 9), (64, 14), (58, 18))
    assert found["chosen"] == 2  # +30 points for 2 of the mean; the last one costs 4
    assert chosen(found["points"], most_cost=0.2) == 3
    assert chosen(found["points"], most_cost=0.0) == 1
    assert curve((60, 8))["chosen"] == 0


def test_a_loss_is_of_the_worst_group_at_the_scale_that_is_best_for_the_groups_alike():
    # margins of 1 that are right in 90 and in 40 of 100: p = 0.65 suits both alike best, where they are logit(0.65)
    loss = worst_loss(outputs(72, 8), TARGETS, GROUPS, 2)
    assert loss == pytest.approx(-0.4 * np.log(0.65) - 0.6 * np.log(0.35), abs=0.01)
    assert worst_loss(7 * outputs(72, 8), TARGETS, GROUPS, 2) == pytest.approx(loss, abs=0.01)
    assert worst_loss(outputs(72, 8), TARGETS, np.where(GROUPS == 1, -1, 0), 1) < loss


def test_rows_that_one_run_was_never_asked_about_count_in_none():
    some = outputs(72, 8)
    some[:40] = np.nan
    found = tradeoff([Run("none", 0.0, outputs(72, 8)), Run("m", 1.0, some)], TARGETS, GROUPS, NAMES)
    assert found["n"] == 60 and found["groups"] == {"many": 40, "few": 20}
    assert found["points"][0]["mean"]["value"] == pytest.approx(40 / 60)


def test_the_worst_may_be_another_group_afterwards():
    point = curve((40, 20))["points"][1]
    assert point["worst"]["group"] == "many" and point["worst_change"] == pytest.approx(0.1)


def test_it_is_json():
    found = curve((70, 12))
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_what_does_not_fit_is_named():
    with pytest.raises(DataError, match="called 'none'"):
        tradeoff([Run("m", 1.0, outputs(1, 1))], TARGETS, GROUPS, NAMES)
    with pytest.raises(DataError, match="two groups with 30 held-out rows"):
        curve((70, 12), least=30)
    with pytest.raises(ShapeError, match=r"\(100, 2\)"):
        tradeoff([Run("none", 0.0, np.zeros((100, 3)))], TARGETS, GROUPS, NAMES)
    with pytest.raises(DataError, match="kind 'real'"):
        tradeoff([Run("none", 0.0, np.zeros((9, 1)))], Targets(np.zeros(9), "real", 1), np.zeros(9), NAMES)
