from __future__ import annotations

import numpy as np
import pytest

from evidence.helpers_evidence import logits, targets, task
from headstart.evidence.slices import by_slice

TRUTH = [0, 1, 0, 1, 0]


def test_every_value_of_every_column_has_its_own_metric_in_order():
    columns = {"place": np.array(["b", "a", "b", "a", "b"], object), "year": np.array([2020, 2020, 2021, 2021, 2021])}
    found = by_slice(task(), targets(TRUTH), logits([0, 1, 1, 1, 1]), columns, 0)
    assert {name: list(values) for name, values in found.items()} == {"place": ["a", "b"], "year": ["2020", "2021"]}
    assert {name: (each["n"], each["accuracy"]["value"]) for name, each in found["place"].items()} == {
        "a": (2, 1.0),
        "b": (3, pytest.approx(1 / 3)),
    }
    assert sum(each["n"] for each in found["year"].values()) == len(TRUTH)


def test_a_slice_without_one_of_the_classes_still_has_a_metric():
    found = by_slice(task("macro_f1"), targets(TRUTH), logits(TRUTH), {"c": np.array(list("xyxyx"))}, 0)
    assert [each["macro_f1"]["value"] for each in found["c"].values()] == [1.0, 1.0]


def test_no_columns_no_slices():
    assert by_slice(task(), targets(TRUTH), logits(TRUTH), {}, 0) == {}


def test_examples_whose_value_is_not_known_are_called_missing():
    columns = {"place": np.array(["a", None, "", "a", float("nan")], object)}
    found = by_slice(task(), targets(TRUTH), logits(TRUTH), columns, 0)
    assert {name: each["n"] for name, each in found["place"].items()} == {"(missing)": 3, "a": 2}
