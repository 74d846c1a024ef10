"""What each way is expected to lose, read off the others."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from headstart.api.compressing_choice import expect
from headstart.compression.knobs import Knobs
from headstart.compression.points import Point

N = 200


@dataclass
class Way:
    knobs: Knobs
    solution: Any
    point: Point


class EveryRow:
    """A bench on which ways say at once what each row loses."""

    rows = np.arange(N)

    def of(self, *, is_student):
        return self

    def lost(self, out_of_fold, unit):
        return out_of_fold


def way(knobs, lost, speed):
    difference = {"value": -float(lost.mean()) / 100, "low": -1.0, "high": 1.0}
    point = Point(knobs.name("text"), knobs, 0.8, difference, 1 / speed, 1 / speed, 100.0, 9, "openvino", "int8", N)
    return Way(knobs, SimpleNamespace(out_of_fold=lost), point)


def test_a_trimmed_way_is_expected_to_lose_what_the_whole_one_is_and_what_lies_between_and_says_nothing_of_others():
    rng = np.random.default_rng(0)
    sizes = (8.0, 16.0, 32.0, 64.0)
    whole = [way(Knobs(size), rng.normal(64 / size, 20, N), 64 / size) for size in sizes]
    trimmed = [way(Knobs(64.0, is_trimmed=True), whole[3].solution.out_of_fold + 0.25, 1.0)]
    trimmed.append(way(Knobs(is_trimmed=True), np.full(N, 0.5), 1.0))
    work, base = SimpleNamespace(bench=EveryRow()), way(Knobs(), np.zeros(N), 1.0)
    found, alone = [*whole, *trimmed], list(whole)
    expect(work, base, found)
    expect(work, base, alone)
    assert [each.point.expected for each in found[:4]] == pytest.approx([each.point.expected for each in alone])
    assert found[4].point.expected == pytest.approx(found[3].point.expected + 0.25)
    assert found[5].point.expected == pytest.approx(0.5)  # the model as it is loses nothing
    assert abs(alone[3].point.expected - alone[3].point.drop) > 0.05
