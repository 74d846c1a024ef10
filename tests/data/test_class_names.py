from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.data.class_names import order, spell


def test_numbers_are_ordered_by_value_and_equal_values_by_text():
    assert order(["10", "9", "-1", "1e1", "0.5"]) == ("-1", "0.5", "9", "10", "1e1")


def test_one_word_among_numbers_makes_the_order_that_of_code_points():
    assert order(["10", "9", "nine"]) == ("10", "9", "nine")


@pytest.mark.parametrize("name", ["nan", "inf", "1_0", "\u0661", "", "0x1"])
def test_what_only_python_takes_for_a_number_is_a_word(name):
    assert order([name, "9", "10"]) == tuple(sorted([name, "9", "10"]))


@given(st.lists(st.text()))
def test_the_order_does_not_depend_on_the_order(names):
    assert order(names) == order(reversed(names)) == order([*names, *names])


def test_two_ways_to_type_an_accent_are_one_name():
    assert spell(" cafe\u0301 ") == "caf\u00e9"
