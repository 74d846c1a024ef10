"""Times are of an input, the least of several rounds, each in its turn."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.compression import timing


def test_the_least_of_all_rounds_counts_and_it_is_of_one_input(monkeypatch):
    clock = {"now": 0.0}
    costs = iter([0.5, 0.5, 0.25, 9.0, 9.0, 9.0])  # warm-up, the look at how often, then rounds
    order = []

    def run(batch):
        order.append(len(batch))
        clock["now"] += next(costs)

    monkeypatch.setattr(timing.time, "perf_counter", lambda: clock["now"])
    found = timing.milliseconds({"x": (run, [np.zeros((5, 1))])}, repeats=3)
    assert found == {"x": pytest.approx(1000 * 0.25 / 5)} and order == [5] * 5


def test_what_is_quick_is_repeated_and_each_has_its_turn(monkeypatch):
    calls = []
    clock = {"now": 0.0}
    monkeypatch.setattr(timing.time, "perf_counter", lambda: clock["now"])

    def of(name, cost):
        def run(batch):
            calls.append(name)
            clock["now"] += cost

        return run, [np.zeros((2, 1))]

    found = timing.milliseconds({"a": of("a", timing.SECONDS / 4), "b": of("b", timing.SECONDS)}, repeats=2)
    assert "".join(calls) == "aabb" + "aaaab" * 2
    assert found == {"a": pytest.approx(125 * timing.SECONDS), "b": pytest.approx(500 * timing.SECONDS)}


def test_rounds_end_when_none_of_the_last_lowered_a_time_clearly(monkeypatch):
    clock = {"now": 0.0}
    monkeypatch.setattr(timing.time, "perf_counter", lambda: clock["now"])

    def rounds_of(costs):
        left = iter([1.0, 1.0, *costs])  # warm-up and the look at how often
        ran = []

        def run(batch):
            ran.append(next(left))
            clock["now"] += ran[-1]

        found = timing.milliseconds({"x": (run, [np.zeros((1, 1))])}, repeats=6)
        return len(ran) - 2, found["x"] / 1000

    assert rounds_of([5.0, 5.0, 5.0]) == (3, pytest.approx(5.0))
    assert rounds_of([5.0, 4.95, 4.91]) == (3, pytest.approx(4.91))  # 1 % each
    assert rounds_of([5.0, 4.0, 5.0, 3.0, 5.0, 5.0]) == (6, pytest.approx(3.0))
    assert rounds_of([6.0, 5.0, 4.0, 3.0, 2.0, 1.0]) == (6, pytest.approx(1.0))
