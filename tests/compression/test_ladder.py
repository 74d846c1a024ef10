"""Of networks that lose the more the faster they are, those are taught that tell most."""

from __future__ import annotations

from headstart.compression.ladder import LEFT, next_to_teach

UNTAUGHT = [1.0, 2.0, 3.0, 5.0, 9.0]


def test_first_comes_the_fastest_that_is_likely_to_be_good_enough():
    assert LEFT * 3.0 > 1 >= LEFT * 2.0 and next_to_teach(UNTAUGHT, 1.0, {}) == 1
    assert next_to_teach(UNTAUGHT, 0.1, {}) == 0 and next_to_teach(UNTAUGHT, 9.0, {}) == 4


def test_what_was_taught_says_where_to_go():
    assert next_to_teach(UNTAUGHT, 1.0, {1: 0.2}) == 4  # a tenth is left: 0.9 of 9
    assert next_to_teach(UNTAUGHT, 1.0, {1: 0.8}) == 2  # 1.2 of 3 is too much, and the least there is
    assert next_to_teach(UNTAUGHT, 1.0, {2: 1.2}) == 1  # 0.8 of 2
    assert next_to_teach(UNTAUGHT, 1.0, {1: 0.2, 4: 3.0}) == 2  # a tenth and a third: 1.08 of 5, 0.65 of 3
    assert next_to_teach(UNTAUGHT, 1.0, {1: -0.5}) == 4


def test_nothing_is_left_behind_the_fastest_that_is_good_or_before_the_least_that_is_not():
    assert next_to_teach(UNTAUGHT, 1.0, {4: 0.5}) is None
    assert next_to_teach(UNTAUGHT, 1.0, {0: 1.5}) is None
    assert next_to_teach(UNTAUGHT, 1.0, {2: 0.5, 3: 1.5}) is None
    assert next_to_teach([], 1.0, {}) is None
