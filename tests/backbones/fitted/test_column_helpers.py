from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.backbones.fitted.date_parts import cyclic, date_parts
from headstart.backbones.fitted.json_array import from_array, to_array
from headstart.backbones.fitted.levels import frequent_levels, level_codes, natural_key


@given(st.datetimes(datetime(1800, 1, 1), datetime(2300, 1, 1)))
def test_parts_of_a_date_are_those_of_the_calendar(moment):
    moment = moment.replace(tzinfo=UTC)
    parts = {name: part[0] for name, part in date_parts(np.array([moment.timestamp()])).items()}
    expected = {"year": moment.year, "month": moment.month, "day": moment.day, "weekday": moment.weekday()}
    assert {name: parts[name] for name in expected} == expected
    assert parts["hour"] == pytest.approx(moment.hour + moment.minute / 60 + moment.second / 3600, abs=1e-3)


def test_a_missing_date_and_one_beyond_all_calendars_have_no_parts():
    assert all(np.isnan(part).all() for part in date_parts(np.array([np.nan, 1e300, -np.inf])).values())


def test_december_is_beside_january():
    sine, cosine = cyclic(np.array([12.0, 0.0, 6.0]), 12.0)
    assert sine == pytest.approx([0, 0, 0], abs=1e-12) and cosine == pytest.approx([1, 1, -1])


def test_frequent_levels_come_first_and_equal_ones_in_natural_order():
    values = ["b10", "b9", "a", "a", None, "c"]
    assert frequent_levels(values, 10, 1) == ["a", "b9", "b10", "c"]
    assert frequent_levels(values, 2, 1) == ["a", "b9"] and frequent_levels(values, 10, 2) == ["a"]


def test_codes_of_known_unknown_and_missing_levels():
    assert level_codes(["b", "x", None, "a"], ["a", "b"]).tolist() == [1, -1, -2, 0]


@given(st.lists(st.text(max_size=8)))
def test_any_texts_can_be_put_in_natural_order(texts):
    assert sorted(sorted(texts, key=natural_key), key=natural_key) == sorted(texts, key=natural_key)


@given(st.floats(allow_nan=False, allow_infinity=False), st.text())
def test_what_is_kept_as_bytes_comes_back_bit_for_bit(number, text):
    array = to_array({"number": number, "text": [text]})
    assert array.dtype == np.uint8 and from_array(array) == {"number": number, "text": [text]}
