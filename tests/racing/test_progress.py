"""A bar that goes by the clock of a race, or by its trials."""

from __future__ import annotations

import math

import pytest

from headstart.racing.progress import UNITS, RaceProgress


class Heard:
    """A listener that remembers, and a clock that is set by hand."""

    def __init__(self):
        self.steps, self.notes, self.units, self.now = [], [], 0, 100.0

    def step(self, name, total):
        self.steps.append((name, total))

    def advance(self, count=1):
        self.units += count

    def note(self, text):
        self.notes.append(text)

    def clock(self):
        return self.now


def train(race, steps, *, is_new=True):
    if is_new:
        race.step("prepare training", 0)
    race.step("train", steps)
    for _ in range(steps):
        race.advance()


def test_the_whole_race_is_one_step_of_the_plan():
    heard = Heard()
    race = RaceProgress(heard, 60.0, None, heard.clock)
    train(race, 4)
    race.note("epoch 1")
    assert heard.steps == [("train", UNITS)] and heard.notes == ["epoch 1"]


def test_it_goes_by_the_clock_and_never_beyond_the_end():
    heard = Heard()
    race = RaceProgress(heard, 60.0, None, heard.clock)
    train(race, 4)
    assert heard.units == 0  # no time has passed, however many steps were made
    for seconds, share in ((15.0, 0.25), (30.0, 0.5), (90.0, 1.0)):
        heard.now = 100.0 + seconds
        race.advance()
        assert heard.units == pytest.approx(share * UNITS)


def test_without_a_limit_of_time_it_goes_by_trials():
    heard = Heard()
    race = RaceProgress(heard, math.inf, 4, heard.clock)
    race.step("prepare training", 0)
    race.step("train", 8)
    race.advance(4)
    assert heard.units == UNITS // 8  # half of the first of four
    race.advance(4)
    assert heard.units == UNITS // 4
    train(race, 8, is_new=False)  # a second cycle of the first
    assert heard.units == UNITS // 4
    train(race, 8)
    assert heard.units == UNITS // 2


def test_with_both_the_one_that_is_further_counts():
    heard = Heard()
    race = RaceProgress(heard, 100.0, 2, heard.clock)
    heard.now += 10
    train(race, 5)
    assert heard.units == UNITS // 2
    heard.now += 80
    race.advance()
    assert heard.units == pytest.approx(0.9 * UNITS)


def test_a_race_without_any_training_moves_nothing():
    heard = Heard()
    RaceProgress(heard, math.inf, 3, heard.clock)
    assert heard.units == 0
