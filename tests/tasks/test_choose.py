from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.errors import ConfigError, DataError
from headstart.tasks.choose import choose_task_name, configured, task_module
from headstart.tasks.label_sets import labels_in, separator_of
from headstart.tasks.numbers import as_numbers, number_within


def objects(values):
    return np.array([*values, None], dtype=object)[:-1]


def chosen(values, name="auto"):
    return choose_task_name(objects(values), name)


@pytest.mark.parametrize(
    "values, task, reason",
    [
        (["cat", "dog"], "classification", "text with 2 distinct"),
        (["0", "1", "1"], "classification", "only 2 distinct"),
        ([str(i % 6) for i in range(60)], "classification", "--task ordinal as grades"),
        ([str(i % 77) for i in range(200)], "classification", "codes 0 to 76"),
        ([f"{i / 7:.3f}" for i in range(50)], "regression", "numbers with 50 distinct"),
        ([str(20 + i % 60) for i in range(200)], "regression", "numbers with 60 distinct"),
        ([f"{i}.5" for i in range(12)], "regression", "numbers with 12 distinct"),
        (['["a"]', '["a", "b"]', "[]"], "multilabel", "JSON lists"),
        (["a|b", "b|c", "a", "c"], "multilabel", "joined by '|'"),
        (["why;spa", "why", "spa;new;why", "new"], "multilabel", "joined by ';'"),
        (["I liked it; but not much", "Late; and cold", "Fine"], "classification", "text with 3"),
        (["Toys; games", "Food", "Toys; games", "Food"], "classification", "text with 2"),
        (["Books|Fiction", "Books|Poetry", "Toys|Cars", "Toys|Dolls", "Food|Bread"], "classification", "text with 5"),
    ],
)
def test_the_targets_tell_the_task(values, task, reason):
    name, why = chosen(values)
    assert name == task and reason in why


def test_a_named_task_is_obeyed_and_a_wrong_name_is_refused_with_the_nearest():
    assert chosen(["1.5"] * 3, "classification") == ("classification", "it was named")
    with pytest.raises(ConfigError, match=r"Did you mean 'regression'\?"):
        chosen(["1"], "regresion")


def test_targets_that_fit_nothing_are_refused():
    with pytest.raises(DataError, match="they fit none"):
        chosen([])


def test_a_number_with_a_comma_chooses_regression_and_is_then_refused_by_name():
    values = [f"{i},{i % 10}" for i in range(40)]
    assert chosen(values)[0] == "regression"
    with pytest.raises(DataError, match=r"'0,0'.*number 1\. Is '0,0' meant to be 0\.0\?.*--task classification"):
        configured("regression", objects(values))


def test_a_number_with_a_comma_between_thousands_is_refused_by_name_too():
    values = [f"1,{i:03d}.5" for i in range(40)]
    assert chosen(values)[0] == "regression"
    with pytest.raises(DataError, match=r"Is '1,000\.5' meant to be 1000\.5\?"):
        configured("regression", objects(values))


def test_texts_of_which_hardly_any_comes_twice_are_no_classes_unless_a_test_split_is_given():
    values = objects([f"{max(i, 1)} EUR" for i in range(40)])
    with pytest.raises(DataError, match="the 40 targets are 39 different ones.*plain numbers without a unit"):
        task_module("classification").check(values, {})
    task_module("classification").check(values, {"test": values[:3]})


def test_one_slip_among_numbers_is_named_with_its_place():
    with pytest.raises(DataError, match=r"1 of 41 are not: \['n/a'\], the first is number 41"):
        as_numbers([*(f"{i}.5" for i in range(40)), "n/a"])


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1_000", "0x10", "1e999", ""])
def test_what_python_takes_for_a_number_but_people_do_not_is_none(text):
    with pytest.raises(DataError):
        as_numbers([text])


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_numbers_that_python_writes_are_read_to_the_last_bit(values):
    assert as_numbers([repr(value) for value in values]).tolist() == values


def test_names_of_grades_may_hold_one_number():
    assert [number_within(text) for text in ("3 stars", "BI-RADS 4", "1 of 5", "good")] == [3, 4, None, None]


@pytest.mark.parametrize(
    "value, separator, labels",
    [
        ("a|b", "|", ("a", "b")),
        (" b ; a;", ";", ("a", "b")),
        ('["b", "a", "b"]', None, ("a", "b")),
        ("[]", "|", ()),
        ("", "|", ()),
        ("a|b", None, ("a|b",)),
        ("[1, 2.5]", None, ("1", "2.5")),
        ("[not json", "|", ("[not json",)),
    ],
)
def test_labels_of_one_target(value, separator, labels):
    assert labels_in(value, separator) == labels


@pytest.mark.parametrize("value", ['[["a"]]', "[null]", "[true]", '[{"a": 1}]'])
def test_lists_of_other_things_than_names_are_refused(value):
    with pytest.raises(DataError, match="must hold names"):
        labels_in(value, None)


@given(st.sets(st.text(max_size=20), max_size=20))
def test_any_texts_have_a_separator_or_none(texts):
    assert separator_of(texts) in ("|", ";", None)
