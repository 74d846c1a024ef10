"""Libraries are compared on the same rows, and all of them are given the same batches."""

from __future__ import annotations

import numpy as np
import pytest
from adaptation_training_peers import AS_IS, OURS, summarised, tables_of
from shifts.trained import Budget, _order

SHIFTS = ("a/x_to_y", "a/y_to_x")


def run(shift, method, answers, **others):
    full = f"{shift.replace('/', '--')}--0"
    return {"name": f"{full} {method}", "shift": full, "method": method, "failure": None, "seconds": 2.0,
            "answers": answers, **others}  # fmt: skip


@pytest.fixture
def told():
    truth = {"truth": [0, 0, 0, 0]}
    ours = [run(shift, AS_IS, [0, 0, 1, 1], **truth) for shift in SHIFTS]
    ours += [run(shift, "dann", [0, 0, 0, 1], **truth) for shift in SHIFTS]
    theirs = [
        run(SHIFTS[0], "dann", [0, 1, 1, 1], start=[0, 0, 1, 0]),
        run(SHIFTS[1], "dann", None, failure="Error: x"),
    ]
    return summarised({OURS: ours, "pytorch_adapt": theirs, "dalib": []})


def test_differences_are_over_the_shifts_that_both_have(told):
    ways = {(each["library"], each["method"]): each for each in told["ways"]}
    assert ways[OURS, "dann"]["accuracy"] == 0.75 and ways[OURS, "dann"]["gain"]["value"] == 25
    theirs = ways["pytorch_adapt", "dann"]
    # on the first shift alone: three of four right by ours, one by theirs
    assert theirs["ours_minus_it"]["value"] == 50 and theirs["ours_minus_it"]["n"] == 4
    assert theirs["ours_minus_it"]["low"] < 50 < theirs["ours_minus_it"]["high"]


def test_what_stopped_and_what_began_elsewhere_is_said(told):
    assert told["failures"] == ["pytorch_adapt dann on a--y_to_x--0: Error: x"]
    assert told["start_differs"] == 0.25
    text = tables_of(told, SHIFTS)
    assert "Error: x" in text and "| dann" in text and "+50.0" in text


def test_an_epoch_has_every_source_row_once_and_as_many_target_rows_in_each_batch():
    order = _order(33, 20, Budget(epochs=3, batch_size=16), seed=0)
    steps = len(order) // 3
    for epoch in range(3):
        source, target = (order[epoch * steps : (epoch + 1) * steps, domain] for domain in (0, 1))
        assert sorted(source[source >= 0]) == list(range(33))
        np.testing.assert_array_equal(source >= 0, target >= 0)
    assert order[:, 1].max() == 19
