import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.reports.axes import Axis, linear_axis, log_axis

VALUES = st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=20)


def test_an_axis_from_12_to_88_percent_runs_from_0_to_100_in_steps_of_20():
    axis = linear_axis([0.12, 0.88], lambda v: f"{100 * v:.0f}", within=(0, 1))
    # a span of 0.76 in 4 steps is 0.19, the next round step 0.2, so 0.0 ... 1.0
    assert (axis.low, axis.high) == (0.0, 1.0)
    assert [tick.label for tick in axis.ticks] == ["0", "20", "40", "60", "80", "100"]
    assert [tick.at for tick in axis.ticks] == [0, 20, 40, 60, 80, 100]


def test_a_quarter_of_the_way_is_25_percent():
    assert Axis(0, 8).at(2) == 25
    assert Axis(1, 16, is_log=True).at(2) == 25


@given(VALUES)
def test_every_value_lies_on_its_axis(values):
    axis = linear_axis(values, str)
    span = axis.high - axis.low
    assert axis.low <= min(values) + 1e-6 * span
    assert axis.high >= max(values) - 1e-6 * span
    assert all(0 <= axis.at(value) <= 100 for value in values)


@given(VALUES)
def test_ticks_are_few_and_in_order(values):
    places = [tick.at for tick in linear_axis(values, str).ticks]
    assert places == sorted(set(places))
    assert 1 <= len(places) <= 11


@given(st.lists(st.floats(0, 1), min_size=1))
def test_an_axis_of_shares_never_leaves_0_to_1(values):
    axis = linear_axis(values, str, within=(0, 1))
    assert 0 <= axis.low < axis.high <= 1


def test_one_single_value_still_gives_an_axis_with_room():
    axis = linear_axis([0.5], str)
    assert axis.low < 0.5 < axis.high


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=30))
def test_labels_of_a_logarithmic_axis_do_not_overprint_and_the_largest_is_there(values):
    axis = log_axis(values, str)
    places = [tick.at for tick in axis.ticks]
    assert axis.ticks[-1].label == str(max(values))
    assert all(b - a > 11 for a, b in zip(places, places[1:], strict=False))


def test_a_value_outside_is_clipped():
    assert Axis(0, 1).at(7) == 100
    assert Axis(0, 1).at(-7) == pytest.approx(0)
