"""Who pays for a compression: changes by group, what they are beyond the others', and when that is claimed."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.api.compression_groups import groups_of, unequal_told
from headstart.core.learning import Targets
from headstart.tasks.classification import Classification, ClassificationConfig

TASK = Classification(ClassificationConfig(class_names=("no", "yes")))


def said(right):
    """Outputs of rows that are all of class 0."""
    return np.where(np.array(right)[:, None], [[2.0, -2.0]], [[-2.0, 2.0]])


def found(before, after, **slices):
    targets = Targets(np.zeros(len(before), np.int64), "class", 2)
    columns = {name: np.array(values, object) for name, values in slices.items()}
    return groups_of((TASK, TASK), targets, (said(before), said(after)), columns, 0)


def test_a_group_that_alone_pays_is_named_with_what_it_pays_beyond_the_others():
    place = ["in"] * 60 + ["out"] * 140
    after = [False] * 15 + [True] * 45 + [False] * 7 + [True] * 133  # 15 of 60 are lost, and 7 of 140
    groups = found([True] * 200, after, place=place)
    inside, outside = groups["columns"]["place"]["in"], groups["columns"]["place"]["out"]
    assert inside["difference"]["value"] == -0.25 and outside["difference"]["value"] == -0.05
    assert inside["beyond"]["value"] == pytest.approx(-0.2) == -outside["beyond"]["value"]
    assert inside["beyond"]["low"] < -0.2 < inside["beyond"]["high"] < 0
    assert groups["worst"] == {"column": "place", "group": "in"}
    [one] = groups["unequal"]
    assert (one["column"], one["group"]) == ("place", "in") and one["p_corrected"] < 0.01
    [sentence] = unequal_told(groups, TASK)
    assert "'in' of 'place' pays more than the other examples" in sentence and "20.0 points" in sentence


def test_what_all_lose_alike_is_unequal_for_nobody():
    groups = found([True] * 200, [False, True] * 100, place=["in"] * 100 + ["out"] * 100)
    assert groups["clear"] == 2 and groups["unequal"] == [] and unequal_told(groups, TASK) == []
    assert groups["columns"]["place"]["in"]["beyond"]["value"] == 0


def test_of_many_groups_one_that_lost_by_chance_is_not_claimed():
    """Three of ten lost in one of twenty groups, one in a hundred elsewhere."""
    after = [False] * 3 + [True] * 7 + [False] * 2 + [True] * 188
    groups = found([True] * 200, after, shop=[f"shop {row // 10:02d}" for row in range(200)])
    assert groups["worst"]["group"] == "shop 00" and groups["of"] == 20 and groups["unequal"] == []


def test_a_column_of_one_group_has_no_others():
    groups = found([True] * 20, [False] * 20, place=["in"] * 20)
    assert groups["columns"] == {"place": {}} and groups["worst"] is None and groups["unequal"] == []
