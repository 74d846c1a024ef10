"""Recall and precision of each class before and after, worked out by hand."""

from __future__ import annotations

import numpy as np

from headstart.api.adaptation_by_class import by_class
from headstart.evaluation.proportions import paired_difference

NAMES = ["a", "b", "c"]


def test_two_of_six_more_found_and_one_of_five_less():
    truth = np.array([0] * 6 + [1] * 5)
    before = np.array([0, 0, 0, 1, 1, 1] + [1, 1, 1, 1, 1])  # 3 of 6 and 5 of 5
    after = np.array([0, 0, 0, 0, 0, 1] + [1, 1, 1, 1, -1])  # 5 of 6 and 4 of 5; -1 is an answer that is no class
    found = by_class(truth, before, after, NAMES)
    a, b, c = found["classes"]
    assert (a["n"], a["before"]["recall"]["value"], a["after"]["recall"]["value"]) == (6, 3 / 6, 5 / 6)
    assert (b["before"]["precision"]["value"], b["after"]["precision"]["value"]) == (5 / 8, 4 / 5)
    low, high = paired_difference(2, 0, 6)
    assert (a["change"]["value"], a["change"]["low"], a["change"]["high"]) == (2 / 6, low, high)
    assert b["change"]["value"] == -1 / 5 and c["change"] is None and c["before"]["recall"]["value"] is None
    assert found["worst"] == "b" and found["lost"] == "b"  # 4 of 5 is less than 5 of 6


def test_where_nothing_ships_there_is_no_after_and_nothing_was_lost():
    found = by_class(np.array([0, 0, 1]), np.array([0, 1, 1]), None, NAMES)
    assert [each["after"] for each in found["classes"]] == [None] * 3
    assert found["worst"] == "a" and found["lost"] is None  # all are few: the fewest labelled count all the same
