"""The front and the gate, by hand and by law."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.compression.gate import AS_GOOD, GAINED, VARIED, decided
from headstart.compression.knobs import Knobs
from headstart.compression.points import BY, SMALLER, Point, front, unbeaten, worth_keeping


def point(name, lost, alone, batch=None, size=100):
    difference = {"value": -lost / 100, "low": -lost / 100 - 0.02, "high": -lost / 100 + 0.02}
    return Point(name, Knobs(), 0.8, difference, alone, batch or alone, 100.0, size, "openvino", "float32", 400)


BASE = point("as it is", 0.0, 8.0, 4.0, size=400)
SLOW, GOOD, FAST, WILD = (
    point("slow", 0.4, 7.9, 3.9),
    point("good", 0.3, 4.0, 2.0),
    point("fast", 0.5, 2.0, 1.0),
    point("wild", 9, 1, 0.5),
)


def test_speed_is_that_of_where_least_is_gained():
    assert point("x", 0, 4.0, 1.0).speedup(BASE) == 2 and point("x", 0, 1.0, 4.0).speedup(BASE) == 1
    assert GOOD.drop == pytest.approx(0.3)
    told = GOOD.to_dict(BASE)
    assert told["smaller"] == 4 and told["speedup"] == 2 and told["points"] == pytest.approx(-0.3)


def test_speed_is_that_of_what_must_be_fast():
    found = point("x", 0, alone=4.0, batch=1.0)
    by = {by: found.speedup(replace(BASE, by=by)) for by in BY}
    assert by == {"latency": 2, "throughput": 4, "both": 2}
    many = replace(BASE, by="throughput")
    assert "4.0 times as fast many at once" in decided([found], many, 0.5, 3).why
    assert decided([found], BASE, 0.5, 3).point is None


def test_a_size_that_is_asked_for_counts_beside_the_speed():
    large = replace(FAST, bytes=200)
    assert decided([GOOD, large], BASE, 0.5, None).point is large
    found = decided([GOOD, large], BASE, 0.5, None, 4)
    assert found.point is GOOD and "good is the fastest that is 4 times smaller within 0.5 points" in found.why
    assert decided([GOOD, large], BASE, 0.5, 2, 4).point is GOOD
    refused = decided([GOOD, large], BASE, 0.5, 3, 4)
    assert refused.point is None and "Nothing is 3 times as fast and 4 times smaller within 0.5 points" in refused.why
    assert "Nothing is faster and 5 times smaller" in decided([GOOD, large], BASE, 0.5, None, 5).why


def test_the_fastest_within_the_drop_ships():
    found = decided([SLOW, GOOD, FAST, WILD], BASE, 0.5, None)
    assert found.point is FAST and "fast is the fastest within 0.5 points: 4.0 times as fast" in found.why
    assert "4.0 times smaller, -0.5 points (-2.5 to +1.5)" in found.why


def test_where_a_speed_is_asked_for_the_most_accurate_that_reaches_it_ships():
    assert decided([SLOW, GOOD, FAST, WILD], BASE, 0.5, 1.5).point is GOOD
    assert decided([SLOW, GOOD, FAST, WILD], BASE, 10, 5).point is WILD


def test_what_is_expected_decides_and_not_what_the_rows_say():
    lucky, honest = replace(FAST, expected=1.5), replace(GOOD, expected=0.4)
    assert decided([lucky, honest], BASE, 0.5, None).point is honest
    assert decided([lucky, honest], BASE, 1.5, 1.5).point is honest
    assert "-0.3 points (-2.3 to +1.7) on held-out examples, -0.4 expected" in decided([honest], BASE, 0.5, None).why
    assert honest.to_dict(BASE)["expected"] == -0.4 and GOOD.to_dict(BASE)["expected"] == GOOD.to_dict(BASE)["points"]


def test_what_is_lost_on_the_rows_is_never_excused_by_other_ways():
    excused = replace(FAST, difference={"value": -0.02, "low": -0.04, "high": 0.0}, expected=0.1)
    assert excused.loss == pytest.approx(2.0) and decided([excused], BASE, 0.5, None).point is None


def test_what_cannot_be_met_names_the_nearest():
    found = decided([SLOW, GOOD, WILD], BASE, 0.5, 3)
    assert (
        found.point is None
        and "Nothing is 3 times as fast within 0.5 points. The fastest within the drop is good" in found.why
    )
    found = decided([WILD], BASE, 0.5, None)
    assert found.point is None and "The point that loses least is wild" in found.why
    found = decided([SLOW], BASE, 0.5, None)
    assert found.point is None and "Nothing that was tried is faster at all" in found.why


def test_what_is_hardly_faster_is_not():
    almost = point("almost", -1.0, 8.0 / (GAINED - 0.001), 4.0 / (GAINED - 0.001))
    assert decided([almost], BASE, 0.5, None).point is None


some_points = st.lists(
    st.tuples(st.floats(-5, 50), st.floats(0.1, 20), st.floats(0.1, 20)).map(lambda each: point("p", *each)),
    max_size=12,
)


@given(some_points)
def test_nothing_on_the_front_is_beaten_and_what_is_not_there_is(points):
    kept = front(points, BASE)
    for each in points:
        beaten = any(other.speedup(BASE) >= each.speedup(BASE) and other.drop <= each.drop for other in kept)
        assert beaten
    for one, other in zip(kept, kept[1:], strict=False):
        assert one.speedup(BASE) >= other.speedup(BASE) and one.drop > other.drop


@given(some_points, st.floats(0, 20), st.none() | st.floats(1.1, 9))
def test_the_gate_never_ships_what_was_not_allowed(points, max_drop, speedup):
    found = decided(points, BASE, max_drop, speedup).point
    allowed = [each for each in points if each.drop <= max_drop and each.speedup(BASE) >= max(speedup or 0, GAINED)]
    assert (found is None) == (not allowed)
    if found is not None:
        assert found in allowed


def test_ways_that_lose_more_and_cost_as_much_are_beaten():
    a, b, c, d = (Knobs(size) for size in (64, 96, 128, 160))
    cost, lost = {a: 1.0, b: 2.0, c: 2.0, d: 9.0}, {a: 7.0, b: 4.0, c: 5.0, d: 4.0}
    assert unbeaten(cost, lost) == [b, a]


def test_of_ways_that_are_equally_fast_the_smallest_ships():
    small = point("small", 0.5, 2.0 * (VARIED - 0.01), 1.0, size=50)
    hardly = point("hardly smaller", 0.5, 2.0 * (VARIED - 0.01), 1.0, size=99)
    slower = point("slower", 0.5, 2.0 * (VARIED + 0.01), 1.0, size=50)
    assert decided([GOOD, FAST, small], BASE, 0.5, None).point is small
    assert (
        "about as fast as fast, the fastest within 0.5 points, and smaller"
        in decided([FAST, small], BASE, 0.5, None).why
    )
    assert decided([GOOD, FAST, hardly], BASE, 0.5, None).point is FAST
    assert decided([GOOD, FAST, slower], BASE, 0.5, None).point is FAST
    assert decided([FAST, replace(small, difference={"value": -0.02})], BASE, 0.5, None).point is FAST


def test_of_ways_that_are_equally_good_the_smallest_ships_where_a_speed_is_asked_for():
    small = point("small", 0.3 + AS_GOOD - 0.01, 4.0, 2.0, size=50)
    worse = point("worse", 0.3 + AS_GOOD + 0.01, 4.0, 2.0, size=50)
    assert decided([GOOD, FAST, small], BASE, 0.5, 1.5).point is small
    assert decided([GOOD, FAST, worse], BASE, 0.5, 1.5).point is GOOD


def test_what_is_only_smaller_does_not_ship_and_is_named():
    small = point("small", 0.2, 8.0, 4.0, size=100)
    found = decided([small, WILD], BASE, 0.5, None)
    assert (
        found.point is None and "Smaller and no slower is small, to be had with --pick: 1.0 times as fast" in found.why
    )
    assert "no slower" not in decided([WILD], BASE, 0.5, None).why


def test_what_is_smaller_is_worth_keeping_though_it_is_slower_and_worse():
    small, same = point("small", 1, 4.1, 2.1, size=50), point("same", 1, 4.1, 2.1, size=100 / SMALLER + 1)
    found = worth_keeping([BASE, GOOD, FAST, WILD, small, same], BASE)
    assert [each.name for each in found] == ["as it is", "good", "fast", "wild", "small"]


sized_points = st.lists(
    st.tuples(st.floats(-5, 50), st.floats(0.1, 20), st.integers(50, 500)).map(
        lambda each: point("p", each[0], each[1], size=each[2])
    ),
    max_size=8,
)


@given(sized_points)
def test_all_that_is_fast_and_good_is_worth_keeping_and_what_is_not_kept_is_beaten(points):
    kept = worth_keeping(points, BASE)
    if points:
        assert min(points, key=lambda each: (each.drop, -each.speedup(BASE), each.bytes)) in kept
    for each in points:
        assert each in kept or any(
            other.speedup(BASE) >= each.speedup(BASE) and other.drop <= each.drop
            and other.bytes <= SMALLER * each.bytes for other in points if other is not each
        )  # fmt: skip
