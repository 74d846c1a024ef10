"""Who gets the next piece of time: asynchronous successive halving under a deadline.

Li, Jamieson, Rostamizadeh, Gonina, Hardt, Recht & Talwalkar, MLSys 2020, arXiv:1810.05934 (ASHA): a trial is promoted
as soon as it is among the best 1/eta of those that came as far, and goes on from where it was paused; else a new one
begins. So there is an answer at every moment, and more time never takes a better one away.

Here a rung is one cycle of the schedule, at whose end the learning rate is near zero: what is paused is a finished
training, and can ship.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.proportions import clopper_pearson, paired_difference

ETA = 3
MOST_RUNGS = 4  # cycles of one trial
MARGIN = 0.002  # of the primary metric: less than that is not worth anybody's time
LEVEL = 1.96  # of a normal distribution: 95 %
PATIENCE = 6  # new trials without a better one
LEAST_TRIALS = 3  # before patience can end, or before a race is given up of which every trial failed
TOO_SHORT = "the time that was left was too short for another training"
TOO_SHORT_FOR_ANY = "the time that was given was too short for a training"


@dataclass
class Trial:
    """One candidate in the race.

    Attributes:
        name: "lp_ft#2".
        method: "lp_ft".
        options: Its settings as drawn.
        rung: Cycles that are done.
        kept: Cycles after which it was best, for a further cycle may end worse: what would ship of it.
        loss: Validation loss there; infinity before the first cycle.
        score: The primary metric on the validation rows, there.
        shares: ``(V,)`` of the validation rows: shares of the primary metric, as ``Task.scores`` gives them.
        seconds: Of its last cycle, everything included.
        over: Why it gets no more time; "" while it may.
    """

    name: str
    method: str
    options: Mapping[str, Any] = field(default_factory=dict)
    rung: int = 0
    kept: int = 0
    loss: float = math.inf
    score: float | None = None
    shares: NDArray[np.float64] | None = None
    seconds: float = math.nan
    over: str = ""


@dataclass(frozen=True)
class Move:
    """What to do next: begin a new trial, go on with one, or stop and say why."""

    kind: Literal["new", "go_on", "stop"]
    trial: Trial | None = None
    why: str = ""


class Race:
    """The state of a race; knows neither networks nor clocks.

    Args:
        eta: One in eta is promoted.
        most_trials: After which no new one begins; None: no limit.
        most_rungs: Cycles of one trial.
    """

    def __init__(self, *, eta: int = ETA, most_trials: int | None = None, most_rungs: int = MOST_RUNGS) -> None:
        self.eta = eta
        self.most_trials = most_trials
        self.most_rungs = most_rungs
        self.trials: list[Trial] = []
        self._since_better = 0
        self._best = math.inf

    @property
    def best(self) -> Trial | None:
        """Of smallest validation loss so far."""
        finished = [trial for trial in self.trials if math.isfinite(trial.loss)]
        return min(finished, key=lambda trial: trial.loss) if finished else None

    def start_from(self, loss: float) -> None:
        """Validation loss of what all trials begin from: no better than that is no better."""
        self._best = min(self._best, loss)

    def report(self, trial: Trial) -> None:
        """A cycle of a trial ended, or it failed (``over`` says why)."""
        if trial not in self.trials:
            self.trials.append(trial)
        if trial.loss < self._best:
            self._best, self._since_better = trial.loss, 0
        elif trial.rung <= 1:
            self._since_better += 1

    def next(self, left: float, cost_of_new: float) -> Move:
        """The next move.

        Args:
            left: Seconds.
            cost_of_new: Seconds that a cycle of a new trial takes, about; infinite where none is to begin.
        """
        if reason := self._is_decided():
            return Move("stop", why=reason)
        promoted = self._promotable()
        if promoted and promoted.seconds <= left:
            why = f"among the best 1/{self.eta} of those with {promoted.rung} cycles"
            return Move("go_on", promoted, why)
        if self.most_trials is not None and len(self.trials) >= self.most_trials:
            made = many(len(self.trials), "training was", "trainings were")
            return self._to_the_end(left, f"{made} made, as many as asked for")
        if cost_of_new > left:
            return self._to_the_end(left, TOO_SHORT if self.trials else TOO_SHORT_FOR_ANY)
        return Move("new", why="nobody is to be promoted")

    def _is_decided(self) -> str:
        best = self.best
        if best is None:
            failed = len(self.trials)
            return f"the first {failed} trainings failed" if failed >= LEAST_TRIALS else ""
        if best.shares is not None and room(best.shares) < MARGIN:
            return f"no candidate can win by more than {MARGIN * 100:g} points"
        if len(self.trials) >= LEAST_TRIALS and self._since_better >= PATIENCE and self._promotable() is None:
            return f"{self._since_better} trainings in a row were not better than what was there before"
        return ""

    def _promotable(self) -> Trial | None:
        """The best one that may go on, of the highest rung that has one."""
        for rung in range(self.most_rungs - 1, 0, -1):
            came_as_far = sorted((each for each in self.trials if each.rung >= rung), key=lambda each: each.loss)
            among_the_best = came_as_far[: len(came_as_far) // self.eta]
            for trial in among_the_best:
                if trial.rung == rung and not trial.over and self._can_win(trial):
                    return trial
        return None

    def _to_the_end(self, left: float, why: str) -> Move:
        """No new ones, and why: the best that may go on does, as long as the time is enough for its next cycle."""
        for trial in sorted(self.trials, key=lambda each: each.loss):
            if trial.over or not 0 < trial.rung < self.most_rungs or not self._can_win(trial):
                continue
            if trial is not self.best or trial.seconds > left:
                break
            return Move("go_on", trial, "the best of all")
        return Move("stop", why=why)

    def _can_win(self, trial: Trial) -> bool:
        """Whether the interval of its paired difference to the best leaves more than the margin."""
        best = self.best
        if best is None or trial is best or trial.shares is None or best.shares is None:
            return True
        return highest(trial.shares - best.shares) >= MARGIN


def many(number: int, one: str, more: str) -> str:
    """A number with its word.

    >>> many(1, "row", "rows"), many(2, "row", "rows")
    ('1 row', '2 rows')
    """
    return f"{number} {one if number == 1 else more}"


def room(shares: NDArray[np.float64]) -> float:
    """How much better than this anything could be: 1 - the lower bound of the mean, where ``(V,)`` shares lie in 0-1.

    A perfect score on few rows says little about others, so it is the interval that counts (Clopper-Pearson). Infinity
    where shares lie elsewhere.

    >>> round(room(np.ones(10)), 3), round(room(np.ones(2000)), 4)
    (0.308, 0.0018)
    """
    if not len(shares) or shares.min() < 0 or shares.max() > 1:
        return math.inf
    low, _ = clopper_pearson(float(shares.sum()), len(shares))
    return float(1 - low)


def highest(differences: NDArray[np.float64]) -> float:
    """Upper bound of the mean of ``(V,)`` paired differences; infinity for fewer than two.

    Where each is -1, 0 or 1 (right or wrong) by the score interval, which has a width even where all agree; elsewhere
    by the normal distribution.
    """
    if len(differences) < 2:
        return math.inf
    if np.isin(differences, (-1.0, 0.0, 1.0)).all():
        _, high = paired_difference(int((differences > 0).sum()), int((differences < 0).sum()), len(differences))
        return float(high)
    error = float(differences.std(ddof=1)) / math.sqrt(len(differences))
    return float(differences.mean()) + LEVEL * error
