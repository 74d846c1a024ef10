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
