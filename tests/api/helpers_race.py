"""What tests of races share: listeners, judgements that are made up, and the parts of a race that repeat."""

from __future__ import annotations

import numpy as np

from headstart.core.progress import Silent
from headstart.racing import race as racing
from shared_run import evidence_of


def without_race(run):
    """The evidence that repeats: a race itself is told with its seconds."""
    return {name: part for name, part in evidence_of(run.path).items() if name != "race"}


def without_seconds(race):
    """A race as far as it does not depend on the clock."""
    trials = [
        {**trial, "seconds": None, "spent": None, "curve": [loss for _, loss in trial["curve"]]}
        for trial in race["trials"]
    ]
    return {**race, "seconds": None, "trials": trials}


class Stop(Silent):
    """Raises KeyboardInterrupt at the first note that begins with some words."""

    def __init__(self, words):
        self.words = words

    def note(self, text):
        if text.startswith(self.words):
            raise KeyboardInterrupt


class Notes(Silent):
    """Keeps what it is told."""

    def __init__(self):
        self.heard = []

    def note(self, text):
        self.heard.append(text)


class WorseLater:
    """Judges every trial worse after its first cycle."""

    def __init__(self, monkeypatch):
        real = racing._Race._judge

        def judged(race, runner, trained, cycles):
            if cycles > 1:
                object.__setattr__(trained, "val_outputs", -20 * np.abs(trained.val_outputs) * [1, 0, 0])
            return real(race, runner, trained, cycles)

        monkeypatch.setattr(racing._Race, "_judge", judged)


class BetterLater:
    """Counts every further cycle as better than those before."""

    def __init__(self, real):
        self.real = real

    def __get__(self, race, owner):
        def judged(runner, trained, cycles):
            loss = self.real(race, runner, trained, cycles)
            runner.trial.loss, runner.trial.kept = 1 / cycles, cycles
            return loss

        return judged
