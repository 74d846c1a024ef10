import json

import numpy as np
import pytest

from headstart.core.errors import DataError
from headstart.monitoring.named import MOST, Named
from headstart.monitoring.window import Window
from monitoring.helpers_monitoring import count, make_reference, make_rows


def test_two_windows_together_count_what_one_over_both_counts(reference):
    rows = make_rows(60, 1)
    together = count(reference, rows)
    parts = count(reference, rows.take(slice(0, 25)))
    parts += count(reference, rows.take(slice(25, 60)))
    assert parts.examples == together.examples == 60
    assert np.array_equal(parts.counts, together.counts)
    assert all(np.array_equal(one, other) for one, other in zip(parts.listed, together.listed, strict=True))
    assert np.allclose(parts.cosines, together.cosines)
    assert np.allclose(parts.sure, together.sure)


def test_json_and_back_changes_nothing_that_counts(reference):
    window = count(reference, make_rows(30, 2))
    window.named = Named.of(["a", "b"], [0.5, 0.9], None)
    again = Window.from_dict(json.loads(json.dumps(window.to_dict())), reference)
    assert json.dumps(again.to_dict()) == json.dumps(window.to_dict())


@pytest.mark.parametrize(
    "damage",
    [
        {"counts": [[1]]},
        {"examples": -3},
        {"examples": "many"},
        {"sure": [1.0, float("nan"), 0.0]},
        {"named": []},
        {"begin": None},
    ],
)
def test_a_damaged_line_is_refused(reference, damage):
    document = {**count(reference, make_rows(5, 3)).to_dict(), **damage}
    with pytest.raises(DataError, match="not what a server writes"):
        Window.from_dict(document, reference)


def test_a_window_of_another_reference_is_refused(reference):
    other = make_reference()
    object.__setattr__(other, "edges", other.edges[:, :5])
    object.__setattr__(other, "counts", other.counts[:, :6])
    with pytest.raises(DataError):
        Window.from_dict(count(other, make_rows(5, 3)).to_dict(), reference)


def test_nothing_in_a_window_is_a_number_of_one_example(reference):
    rows = make_rows(40, 4)
    text = json.dumps(count(reference, rows).to_dict())
    assert not [value for value in rows.features.ravel() if f"{value:.5f}" in text]
    assert not [value for value in rows.outputs.ravel() if f"{value:.5f}" in text]


def test_of_drawn_examples_those_of_all_windows_together_are_kept():
    every = [f"id {number}" for number in range(500)]
    one = Named.of(every, None, None)
    parts = Named()
    for start in range(0, 500, 50):
        parts = parts.joined(Named.of(every[start : start + 50], None, None))
    assert parts == one
    assert len(one.drawn) == MOST
