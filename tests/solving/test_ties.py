"""Short texts that recur in every group: which of them tie groups together is told, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headstart.solving.splitting import kept_together
from headstart.solving.ties import is_tied_too_much, ties_told


@dataclass
class Examples:
    """Of a data set what this needs."""

    ids: list
    groups: object

    def __len__(self):
        return len(self.ids)


def told(groups, duplicates):
    named = None if groups is None else np.array(groups, dtype=object)
    dataset, numbers = Examples([f"row {n}" for n in range(len(duplicates))], named), np.array(duplicates)
    joined = kept_together(dataset, numbers)
    return ties_told(dataset, numbers, joined), is_tied_too_much(dataset, joined)


def test_nothing_is_said_where_copies_lie_within_groups():
    assert told(["anna", "anna", "ben", "cleo"], [0, 0, 1, 2]) == ("", False)


def test_the_first_two_examples_of_each_tie_are_named_with_their_groups():
    words, too_much = told(["anna", "anna", "ben", "ben", "cleo"], [0, 1, 1, 2, 2])
    assert words.startswith("Near-duplicates stay together, too: they make 1 of 3 groups.")
    assert "alike: row 1 (anna) and row 2 (ben); row 3 (ben) and row 4 (cleo). Take such examples out" in words
    assert "--test" in words and too_much


def test_many_ties_are_counted_and_rows_without_a_group_tie_nothing():
    groups = ["a", "b", "c", "d", "e", "f", "g", "h", None]
    words, _ = told(groups, [0, 0, 1, 1, 2, 2, 3, 3, 3])
    assert "row 4 (e) and row 5 (f), and 1 more." in words and "row 8" not in words


def test_without_named_groups_only_the_counts_are_told():
    assert told(None, [0, 0, 1]) == ("Near-duplicates stay together, too: they make 2 of 3 examples.", False)


def test_a_large_group_that_the_data_name_is_no_tie():
    assert told(["a", "a", "a", "b", "c"], [0, 1, 2, 3, 3])[1] is False
