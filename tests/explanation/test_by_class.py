"""Explanations put together by class, with sums that can be worked out by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from headstart.explanation.by_class import ByClass, follows, mean_of, unit_values


def explained(column, names, values):
    attribution = SimpleNamespace(values=np.asarray(values, np.float64))
    return SimpleNamespace(column=column, units=SimpleNamespace(names=tuple(names)), attribution=attribution)


def test_words_are_averaged_over_the_texts_of_a_class_that_hold_them_and_rare_ones_are_left_out():
    made = ByClass("text", 2)
    made.add(explained(1, ["Lost", "card"], [2.0, 1.0]), {})
    made.add(explained(1, ["lost", "it", "LOST"], [1.0, 9.0, 3.0]), {})  # 4 in this text
    made.add(explained(0, ["card", "fee"], [-1.0, 1.0]), {})
    first, second = made.document(("fee", "loss"))
    assert (first["class"], first["examples"], first["units"]) == ("fee", 1, [])
    [lost] = second["units"]
    assert (lost["name"], lost["examples"], lost["mean"]["value"]) == ("lost", 2, 3.0)
    assert lost["mean"]["low"] < 3 < lost["mean"]["high"]


def test_columns_come_by_size_and_say_which_values_speak_for_the_class():
    made = ByClass("table", 3)
    for age, plan in zip(range(20, 60), "ab" * 20, strict=True):
        made.add(explained(0, ["age", "plan"], [(age - 39.5) / 10, 0.5 if plan == "a" else -0.5]), locals_of(age, plan))
    [only] = made.document(())
    age, plan = only["units"]
    assert only["class"] is None and (age["name"], plan["name"]) == ("age", "plan")
    assert age["size"]["value"] == pytest.approx(np.abs(np.arange(20, 60) - 39.5).mean() / 10)
    assert age["mean"]["value"] == pytest.approx(0) and age["follows"]["value"] == pytest.approx(1)
    assert {level["name"]: level["mean"]["value"] for level in plan["levels"]} == {"a": 0.5, "b": -0.5}


def locals_of(age, plan):
    return {"age": float(age), "plan": plan}


def test_missing_values_take_no_part_and_a_constant_column_follows_nothing():
    assert follows([None, float("nan")], np.ones(2)) == {} == follows(None, np.ones(1))
    assert follows([1.0, 1.0, 1.0], np.arange(3.0)) == {}
    assert follows([3.0, float("nan"), 1.0, 2.0, 0.0], np.array([3.0, 9.0, 1.0, 2.0, 0.0]))["follows"]["value"] == 1


def test_bands_are_summed_over_time():
    names = ["4,000 to 8,000 Hz, 0.00 to 0.50 s", "4,000 to 8,000 Hz, 0.50 to 1.00 s", "0 to 300 Hz, 0.00 to 0.50 s"]
    found = unit_values("sound", names, np.array([1.0, 2.0, -4.0]))
    assert found == {"4,000 to 8,000 Hz": 3.0, "0 to 300 Hz": -4.0}


def test_a_mean_map_is_of_shares_and_tells_how_much_lies_outside():
    inner, corner = np.zeros((6, 6)), np.zeros((6, 6))
    inner[2, 2], corner[0, 0], corner[3, 3] = 7.0, 1.0, -5.0  # what speaks against it takes no part
    made = ByClass("image", 3)
    made.add(explained(2, (), inner), {})
    made.add(explained(2, (), corner), {})
    [only] = made.document(("a", "b", "c"))
    assert only["class"] == "c" and only["shape"] == [6, 6]
    assert np.sum(only["mean_map"]) == pytest.approx(1) and only["mean_map"][0][0] == only["mean_map"][2][2] == 0.5
    assert only["outer"]["share"]["value"] == 0.5 and only["outer"]["area"] == pytest.approx(32 / 36)
    assert only["standard_error"][2][2] == 0.5


def test_of_one_example_there_is_no_interval_and_it_says_why():
    assert mean_of([2.0]) == {"value": 2.0, "low": None, "high": None, "level": 0.95, "note": mean_of([1.0])["note"]}
