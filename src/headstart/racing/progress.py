"""The progress of a race: one step that goes by the clock or by trials, whatever its trainings count."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from headstart.core.progress import Progress

STEP, PREPARING = "train", "prepare training"  # of the plan; of a training that settles
UNITS = 1000  # in which the whole race is counted


class RaceProgress:
    """Listens to the trainings of a race and tells how much of the race is over.

    Args:
        listener: Is told of one step, of notes, and of units of UNITS.
        seconds: Of the whole race; infinity without a limit.
        trials: That will be made; None where the clock alone ends the race.
        clock: Seconds that only grow.
    """

    def __init__(
        self, listener: Progress, seconds: float, trials: int | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._listener, self._seconds, self._trials, self._clock = listener, seconds, trials, clock
        self._began = clock()
        self._begun = 0  # trials
        self._is_first_cycle = False
        self._steps = self._total = self._told = 0
        listener.step(STEP, UNITS)

    def step(self, name: str, total: int) -> None:
        """A training settles, or trains: its first cycle counts as the trial."""
        if name == PREPARING:
            self._begun += 1
            self._is_first_cycle = True
        elif self._total:
            self._is_first_cycle = False
        self._steps, self._total = 0, 0 if name == PREPARING else total
        self._move()

    def advance(self, count: int = 1) -> None:
        """Steps of a training are made."""
        self._steps += count
        self._move()

    def note(self, text: str) -> None:
        """Passed on."""
        self._listener.note(text)

    def _move(self) -> None:
        reached = int(UNITS * min(1.0, max(self._by_clock(), self._by_trials())))
        if reached > self._told:
            self._listener.advance(reached - self._told)
            self._told = reached

    def _by_clock(self) -> float:
        if not math.isfinite(self._seconds):
            return 0.0
        return (self._clock() - self._began) / max(self._seconds, 1e-9)

    def _by_trials(self) -> float:
        """Share of the trials that are over, the running one by its steps; further cycles move nothing."""
        if self._trials is None or not self._begun:
            return 0.0
        part = self._steps / self._total if self._total else 0.0
        return (self._begun - 1 + (min(1.0, part) if self._is_first_cycle else 1.0)) / self._trials
