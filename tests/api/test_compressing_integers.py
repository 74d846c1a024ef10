"""Which ways are put into integers where a speed is asked for."""

from __future__ import annotations

from types import SimpleNamespace

from headstart.api.compressing_integers import AT_MOST, _may_reach, gain_of
from headstart.compression.asked import Asked
from headstart.compression.knobs import Knobs

BASE = SimpleNamespace(point=None)


def made(knobs, speed):
    return SimpleNamespace(knobs=knobs, point=SimpleNamespace(speedup=lambda base: speed))


def test_the_gain_is_that_of_the_model_as_it_is_alone_and_never_a_loss():
    others = [made(Knobs(160.0, is_int8=True), 9.0), made(Knobs(160.0), 5.0)]
    assert gain_of(BASE, others) is None
    assert gain_of(BASE, [*others, made(Knobs(is_int8=True), 0.8)]) == 1.0
    assert gain_of(BASE, [*others, made(Knobs(is_int8=True), 1.2), made(Knobs(is_int8=True, floats=3), 1.4)]) == 1.4


def test_what_cannot_reach_the_speed_is_not_quantised_and_that_is_told():
    found, way = [made(Knobs(is_int8=True), 1.2)], made(Knobs(160.0), 2.0)
    work = SimpleNamespace(skipped={}, modality="image")
    limit = AT_MOST * 1.2 * 2.0
    assert _may_reach(work, BASE, way, found, Asked(1.0, limit)) and _may_reach(work, BASE, way, found, Asked(1.0))
    assert _may_reach(work, BASE, way, [], Asked(1.0, 99.0)) and not work.skipped
    assert not _may_reach(work, BASE, way, found, Asked(1.0, limit + 0.1))
    assert work.skipped == {"160 px, int8": "it would be some 2.4 times as fast, where 3.7 times was asked for"}
