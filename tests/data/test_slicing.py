from __future__ import annotations

import numpy as np

from headstart.data.slicing import slices_of


def objects(*values):
    return np.asarray(values, dtype=object)


def test_few_numbers_and_names_stay_as_they_are():
    values = objects("1", "2", None, "1")
    found, notes = slices_of({"site": values, "sex": objects("m", "f", "m", "f")})
    assert found["site"] is values and notes == []


def test_many_numbers_become_ranges_that_hold_all_of_them_once():
    ages = [str(age) for age in range(17, 91)]
    found, notes = slices_of({"age": objects(*ages, None)})
    assert notes == ["'age' is reported in 4 ranges of about as many rows each"]
    assert found["age"][-1] is None and len(set(found["age"][:-1])) == 4
    for age, name in zip(ages, found["age"][:-1], strict=True):
        low, high = name.split(" to ")
        assert int(low) <= int(age) <= int(high)


def test_a_value_that_most_rows_have_is_in_one_range():
    found, _ = slices_of({"gain": objects(*(["0"] * 80 + [str(i) for i in range(1, 21)]))})
    assert len(set(found["gain"][:80])) == 1
