from __future__ import annotations

import datetime
import math
from decimal import Decimal

import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.data.column_kinds import look_at, typed
from headstart.data.date_text import date_in
from headstart.data.number_text import number_in

DAY = 86400.0


def kind(*values):
    look = look_at(values)
    return look.kind, look.spelling


def read(*values):
    look = look_at(values)
    column, slips = typed(values, look.kind, look.spelling)
    assert not slips
    return [None if isinstance(v, float) and math.isnan(v) else v for v in column.values.tolist()]


def test_numbers_written_as_text():
    assert kind("1", " 2.5", "-3e2", "+.5", "7.") == ("number", "")
    assert read("1", " 2.5", "-3e2", "+.5", "7.") == [1, 2.5, -300, 0.5, 7]


@pytest.mark.parametrize("mark", ["", " ", "NA", "n/a", "NaN", "null", "None", "?", "-", "--"])
def test_blanks_and_their_marks_among_numbers_are_missing(mark):
    assert read("1", mark, "2") == [1, None, 2]


def test_a_question_mark_among_words_is_a_category():
    assert read("red", "?", "blue") == ["red", "?", "blue"]


def test_codes_with_leading_zeros_stay_text():
    assert kind("01234", "98765") == ("category", "")
    assert kind("0", "1", "0.5")[0] == "number"


def test_one_letter_among_few_codes_makes_categories():
    assert kind("1", "2", "3", "A")[0] == "category"


def test_a_few_slips_among_many_numbers_are_missing():
    values = [str(i / 7) for i in range(100)] + ["about 3"]
    look = look_at(values)
    column, slips = typed(values, look.kind, look.spelling)
    assert look.kind == "number" and slips == ["about 3"] and np.isnan(column.values[100])


@pytest.mark.parametrize("value", ["nan", "inf", "1_000", "0x10", "1e999", "\u0664", "1,5", "1 000", "--1"])
def test_what_python_takes_for_a_number_and_people_do_not(value):
    assert number_in(value) is None


def test_a_decimal_comma_is_believed_where_it_cannot_part_thousands():
    assert kind("3,5", "1,234", "2") == ("number", "decimal_comma")
    assert read("3,5", "1,234", "2") == [3.5, 1.234, 2]


def test_commas_part_thousands_where_they_cannot_be_decimal():
    assert kind("1,234.5", "12") == ("number", "thousands_comma")
    assert read("1,234,567", "1,000") == [1234567, 1000]


def test_numbers_that_can_be_read_in_two_ways_stay_categories_with_an_example():
    look = look_at(["1,234", "5,678"])
    assert (look.kind, look.open_example) == ("category", "1,234")
    assert look_at(["3,5", "1,234.5"]).kind == "category"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-02", DAY),
        ("1970-1-2", DAY),
        ("1970/01/02", DAY),
        ("1970-02", 31 * DAY),
        ("1970-01-01T01:00:00Z", 3600),
        ("1970-01-01 01:00", 3600),
        ("1970-01-01T02:00:00+01:00", 3600),
        ("1970-01-01T00:00:00-0130", 5400),
        ("1970-01-01 00:00:00.250", 0.25),
        ("2.1.1970", DAY),
        ("2 January 1970", DAY),
        ("02-Jan-1970", DAY),
        ("Jan 2, 1970", DAY),
        ("1969-12-31", -DAY),
        ("1970-02-30", None),
        ("1970-01-01 25:00", None),
        ("2 Foo 1970", None),
        ("02/01/1970", None),
        ("yesterday", None),
    ],
)
def test_dates_to_seconds_in_utc(text, expected):
    assert date_in(text) == expected


def test_the_order_of_day_and_month_is_taken_from_the_column():
    assert kind("03/04/2020", "25/12/2020") == ("date", "day_first")
    assert kind("03/04/2020", "12/25/2020") == ("date", "month_first")
    assert read("02/01/1970", "31/01/1970") == [DAY, 30 * DAY]


def test_dates_that_can_be_read_in_two_ways_stay_categories_with_an_example():
    look = look_at(["03/04/2020", "05/06/2020"])
    assert (look.kind, look.open_example) == ("category", "03/04/2020")
    assert look_at(["25/12/2020", "12/25/2020"]).kind == "category"


@pytest.mark.parametrize("pair", [("yes", "no"), ("True", "FALSE"), ("Y", "n"), ("t", "f")])
def test_truth_values(pair):
    assert kind(*pair, "") == ("boolean", "") and read(*pair, "") == [1, 0, None]


def test_yes_alone_is_a_category():
    assert kind("yes", "yes", "") == ("category", "")


def test_values_of_libraries():
    assert read(True, None, False) == [1, None, 0]
    assert read(1, 2.5, Decimal("3.5"), float("nan"), pandas.NA) == [1, 2.5, 3.5, None, None]
    assert read(np.float32(0.5), np.int64(2)) == [0.5, 2]
    assert read(datetime.date(1970, 1, 2), pandas.Timestamp("1970-01-01 00:00:10"), pandas.NaT) == [DAY, 10, None]
    assert read(datetime.timedelta(minutes=1)) == [60]
    assert look_at([[1], [2]]).kind is None and look_at([{"a": 1}]).kind is None
    assert np.isnan(typed([float("inf")], "number")[0].values).all()


def test_categories_are_composed_and_without_white_space_at_the_ends():
    assert read("cafe\u0301 ", "caf\u00e9", None) == ["caf\u00e9", "caf\u00e9", None]


def test_new_values_are_read_by_the_kind_of_the_training_data():
    assert typed(["new city"], "category")[0].values.tolist() == ["new city"]
    column, slips = typed(["old", "3"], "number")
    assert np.isnan(column.values[0]) and column.values[1] == 3 and slips == ["old"]
    assert typed([1, "0", "Yes", 2.0], "boolean")[1] == ["2.0"]
    assert typed(["1,5"], "number", "decimal_comma")[0].values.tolist() == [1.5]
    assert typed([3], "category")[0].values.tolist() == ["3"]


@pytest.mark.parametrize(
    "values",
    [
        ["Where is my card now?", "I cannot pay with it", "please send me another one"],
        ["私の荷物はどこにありますか", "支払いができません", "新しいものを送ってください"],
        ["أين بطاقتي الآن من فضلك", "لا أستطيع الدفع بها", "أرسل لي واحدة أخرى"],
        ["Der Zug war leider sehr spät", "Das Essen kam kalt an den Tisch", "Alles war gut, gerne wieder"],
    ],
)
def test_sentences_are_prose(values):
    assert look_at(values).is_prose


@pytest.mark.parametrize(
    "values",
    [
        ["12 Main Street, Springfield", "7 Oak Avenue, Shelbyville", "1 Elm Road, Ogdenville"],
        ["Bank transfer (automatic)", "Credit card (automatic)"] * 50,
        ["CCO", "c1ccccc1O", "CC(=O)N"],
        ["John A Smith", "Mary B Jones", "Ann C Brown"],
        ["1", "2", "3"],
        ["", None],
    ],
)
def test_addresses_categories_codes_and_names_are_not(values):
    assert not look_at(values).is_prose


CELLS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.dates() | st.datetimes()


@settings(deadline=None, max_examples=300)
@given(st.lists(CELLS, max_size=12))
def test_any_column_is_read_as_what_it_looks_like(values):
    look = look_at(values)
    column, slips = typed(values, look.kind, look.spelling)
    assert len(column) == len(values) == look.n
    if look.kind == "category":
        assert all(value is None or isinstance(value, str) for value in column.values)
    else:
        assert column.values.dtype == np.float64 and not np.isinf(column.values).any()
    again, _ = typed(values, look.kind, look.spelling)
    assert [str(value) for value in again.values] == [str(value) for value in column.values]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_numbers_survive_being_written(values):
    texts = [repr(value) for value in values]
    assert look_at(texts).kind == "number"
    assert typed(texts, "number")[0].values.tolist() == values


@settings(deadline=None, max_examples=200)
@given(st.lists(st.datetimes(datetime.datetime(1000, 1, 1)), min_size=1, max_size=10))
def test_dates_survive_being_written(values):
    texts = [value.isoformat(" ") for value in values]
    assert look_at(texts).kind == "date"
    expected = typed(values, "date")[0].values
    assert typed(texts, "date")[0].values == pytest.approx(expected, abs=1e-3)
