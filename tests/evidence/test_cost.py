from __future__ import annotations

from headstart.evidence.cost import Stopwatch


def test_the_cost_is_counted_from_the_start_and_in_milliseconds_per_input():
    watch = Stopwatch()
    sum(range(200_000))
    cost = watch.read(0.0125)
    assert 0 < cost["wall_seconds"] <= round(watch.wall_seconds(), 3) + 0.001
    assert cost["cpu_seconds"] >= 0 and cost["peak_memory_mib"] > 10
    assert cost["predict_ms_per_input"] == 12.5
    assert watch.read(None)["predict_ms_per_input"] is None
