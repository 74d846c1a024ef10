"""What a search does not measure twice, and what it measures when time is up."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np

from headstart.api import compressing_floats
from headstart.api.compressing_floats import SAME, in_floats, says_the_same
from headstart.compression.asked import Asked
from headstart.compression.knobs import Knobs
from headstart.core.progress import Silent


def test_a_stage_before_pooling_alone_says_what_the_network_says():
    whole = np.random.default_rng(0).normal(size=(20, 8)).astype(np.float32)
    assert says_the_same(whole + SAME / 2 * np.abs(whole).max(), whole)
    assert not says_the_same(whole + 2 * SAME * np.abs(whole).max(), whole)
    assert not says_the_same(whole[:, :4], whole)


def test_when_time_is_up_the_smallest_that_may_be_good_enough_is_measured(monkeypatch):
    good, smaller, bad = Knobs(192), Knobs(160), Knobs(128)
    ways = [(knobs, knobs.name("image")) for knobs in (good, smaller, bad)]
    work = SimpleNamespace(
        looked={good: 0.0, smaller: 0.9, bad: 2.5}, progress=Silent(), modality="image", is_late=True,
        target=SimpleNamespace(precision="float32"), skipping=lambda knobs: nullcontext(),
        solution=lambda *given: None,
    )  # fmt: skip
    monkeypatch.setattr(compressing_floats, "_sizes_and_depths", lambda *given: ways)
    monkeypatch.setattr(compressing_floats, "exported", lambda backbone: backbone)
    monkeypatch.setattr(
        compressing_floats, "timed_beside", lambda work, base, graphs: dict.fromkeys(graphs, (1.0, 1.0))
    )
    monkeypatch.setattr(compressing_floats, "measured", lambda work, base, knobs, *given: knobs)
    base = SimpleNamespace(strength=None)
    assert in_floats(work, base, [], Asked(1.0)) == [smaller]
    assert in_floats(work, base, [], Asked(-1.0)) == []
    work.is_late = False
    assert in_floats(work, base, [], Asked(1.0)) == [good, smaller, bad]
