"""The end of a race: whether some of its trainings together are better than the best of them alone."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from headstart.core.learning import Floats
from headstart.racing.combined import Member, combined_trial, soup
from headstart.racing.record import FAILED, Runner, with_cycles
from headstart.request.combination import How
from headstart.selection.combining import MOST_MEMBERS, Chosen, forward_selection, greedy_soup
from headstart.training.closing import member_seconds

if TYPE_CHECKING:
    from headstart.core.progress import Progress
    from headstart.solving.work import Solved, Work
    from headstart.solving.work import Trial as Finished

DECISION = "race/combined"
ALONE = "only one training came to its end"
NO_TIME = "no time was left to combine trainings"


class Combining:
    """What the trials of a race come to together.

    Args:
        work: The fit so far.
        solved: Its solved candidates.
        runners: All trials.
        progress: Told what came of it.
        deadline: ``time.monotonic()`` at which the networks must be chosen.
        spare: Seconds, of those until then, that are meant for the features of further networks.
    """

    def __init__(
        self,
        work: Work,
        solved: Solved,
        runners: Sequence[Runner],
        progress: Progress,
        deadline: float,
        spare: float,
    ) -> None:
        self.work, self.solved, self.progress = work, solved, progress
        self.runners = {each.trial.name: each for each in runners if math.isfinite(each.trial.loss)}
        self.deadline, self.spare = deadline, spare
        self.single = min(each.trial.loss for each in self.runners.values())
        self.members: dict[str, Member] = {}
        self.slowest = 0.0  # seconds of one average of weights

    @property
    def left(self) -> float:
        """Seconds."""
        return self.deadline - time.monotonic()

    def run(self) -> tuple[Finished | None, dict[str, Any]]:
        """The candidate, None where the best one alone is as good; and what to say of it, decided once in a run."""
        folder = self.work.job.folder
        told = folder.decision(DECISION)
        if told is None:
            told = self._decided()
            folder.decide(DECISION, told, told["why"])
        self.progress.note(f"combined: {told['why']}" if told["how"] else f"nothing is combined: {told['why']}")
        if not told["how"]:
            return None, told
        return combined_trial(told["how"], [self._member(name) for name in told["members"]], told["times"]), told

    def _decided(self) -> dict[str, Any]:
        able = {name: each for name, each in self.runners.items() if _is_repeatable(each)}
        if len(able) < 2:
            return self._told(None, Chosen(), ALONE)
        found: dict[How, Chosen] = {}
        if len(same := {name: each for name, each in able.items() if not each.training.asked.is_random}) > 1:
            found["soup"] = self._soup(same)
        if self.work.job.request.ensemble:
            found["ensemble"] = self._ensemble(able)
        better = {how: each for how, each in found.items() if not each.is_alone and each.loss < self.single}
        if better:
            how = min(better, key=lambda each: better[each].loss)
            return self._told(how, better[how], self._why(how, better[how]))
        tried = sum(each.tried for each in found.values())
        if not tried:
            return self._told(None, Chosen(), NO_TIME)
        return self._told(None, Chosen(), f"none of {tried} averages had a smaller validation loss than the best alone")

    def _soup(self, runners: dict[str, Runner]) -> Chosen:
        def loss_of(names: Sequence[str]) -> float:
            began = time.monotonic()
            loss = self._loss(soup([self._member(name) for name in names]).val_outputs)
            self.slowest = max(self.slowest, time.monotonic() - began)
            return loss

        def has_time() -> bool:
            needed = self.slowest or _first_guess(self.runners.values())
            return 2 * needed <= self.left - self.spare  # what is chosen is averaged once more

        return greedy_soup({name: each.trial.loss for name, each in runners.items()}, loss_of, has_time)

    def _ensemble(self, runners: dict[str, Runner]) -> Chosen:
        """At most as many networks as their features can be computed of in the time that is left."""
        fitting = self.left / member_seconds(self.work, self.solved)
        most = MOST_MEMBERS if math.isinf(fitting) else min(MOST_MEMBERS, 1 + max(0, int(fitting)))
        if most < 2:
            return Chosen()
        outputs = {name: each.outputs for name, each in runners.items() if each.outputs is not None}
        return forward_selection(outputs, self._loss_at_best_temperature, most)

    def _loss(self, outputs: Floats) -> float:
        learning = self.solved.learning
        targets = learning.targets.take(next(iter(self.runners.values())).training.positions["val"])
        loss = float(learning.task.loss(targets, outputs).mean())
        return loss if math.isfinite(loss) else math.inf

    def _loss_at_best_temperature(self, outputs: Floats) -> float:
        from headstart.engine.training.sharpness import best_factor

        learning = self.solved.learning
        targets = learning.targets.take(next(iter(self.runners.values())).training.positions["val"])
        return self._loss(outputs * best_factor(learning.task, targets, outputs))

    def _member(self, name: str) -> Member:
        """As it was at its best point: the network that is held, else its checkpoint."""
        if name not in self.members:
            runner = self.runners[name]
            assert runner.setup is not None  # noqa: S101  # its loss came from it
            setup, kept = with_cycles(runner.setup, runner.trial.kept), runner.trial.kept
            trained = runner.trained or runner.training.train(setup, from_set_aside=kept < runner.trial.rung)
            self.members[name] = Member(runner.training, trained, setup)
        return self.members[name]

    def _why(self, how: How, chosen: Chosen) -> str:
        names = ", ".join(f"{name} ({count} times)" if count > 1 else name for name, count in chosen.times.items())
        what = "the weights" if how == "soup" else "the outputs"
        return (
            f"{what} of {names} are averaged: validation loss {chosen.loss:.4f} instead of {self.single:.4f} of the "
            "best alone"
        )

    def _told(self, how: How | None, chosen: Chosen, why: str) -> dict[str, Any]:
        """JSON for decisions.jsonl, the evidence and the plan."""
        return {
            "how": how,
            "members": list(chosen.times) if how else [],
            "times": list(chosen.times.values()) if how else [],
            "val_loss": round(chosen.loss, 5) if how else None,
            "single": round(self.single, 5),
            "why": why,
        }


def _is_repeatable(runner: Runner) -> bool:
    """Whether the same settings give the same training: not where an error or the clock ended it."""
    from headstart.engine.training.state import TIME_IS_OVER

    return not runner.trial.over.startswith(FAILED) and runner.trial.over != TIME_IS_OVER


def _first_guess(runners: Sequence[Runner] | Any) -> float:
    """Seconds of two passes over the validation rows, one by a training read back and one by the average.

    A pass takes no longer than as many rows of an epoch, whose seconds were measured.
    """
    found = [
        2 * each.setup.predicted["epoch"] * len(each.training.positions["val"]) / len(each.training.positions["train"])
        for each in runners
        if each.setup is not None
    ]
    return max(found, default=0.0)
