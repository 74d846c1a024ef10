"""The race: trainings that compete for the time a user gives, each gone on with where it was paused."""

from __future__ import annotations

import gc
import logging
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core import plugins
from headstart.core.errors import ConfigError, HeadstartError, MissingExtraError, UserError
from headstart.core.files import sha256_json
from headstart.core.search import Choice, LogRange, Shift, Space, resolved
from headstart.racing.combining import Combining
from headstart.racing.record import NOT_DRAWN, Runner, clock, failure, with_cycles, without_result
from headstart.request.train_request import TrainRequest
from headstart.selection.first import METHODS, first_of
from headstart.selection.halving import TOO_SHORT, TOO_SHORT_FOR_ANY, Race, Trial
from headstart.selection.study import Drawn, Study
from headstart.training.training import Shared, Training

if TYPE_CHECKING:
    from headstart.core.progress import Progress
    from headstart.engine.training.job import Trained
    from headstart.solving.work import Solved, Work
    from headstart.solving.work import Trial as Finished
    from headstart.training.setup import Setup

logger = logging.getLogger(__name__)

NOT_FOR_NUMBERS = ("label_smoothing",)
NOT_FROM_NOTHING = ("freeze",)  # random stages that stay as they are help nobody
FAILURES = (HeadstartError, RuntimeError, ValueError, ArithmeticError, MemoryError, OSError)  # of one trial


@dataclass
class RaceOutcome:
    """What a race came to.

    Attributes:
        finished: The best trial as a candidate, or several that are better together; None where none could be trained.
        document: For the evidence and the plan: what was tried, dropped and why.
    """

    finished: Finished | None
    document: dict[str, Any] = field(default_factory=dict)


def raced(
    work: Work,
    solved: Solved,
    progress: Progress,
    *,
    seconds: float,
    afterwards: float,
    guess: float,
    methods: tuple[str, ...] = METHODS,
    options: Mapping[str, Any] | None = None,
    most_trials: int | None = None,
    spare: float = 0.0,
) -> RaceOutcome:
    """Race within ``seconds``.

    Args:
        work: The fit so far.
        solved: Its solved candidates.
        progress: Told of every cycle.
        seconds: Until everything but what follows the race must be done.
        afterwards: Seconds for the features of the winner, taken from ``seconds``.
        guess: Seconds of a trial, before one was made.
        methods: Train methods that compete.
        options: Settings that are fixed.
        most_trials: Of all; None: as many as fit.
        spare: Seconds for further networks beside the winner, taken from ``seconds``.
    """
    left = seconds - afterwards - spare
    race = _Race(work, solved, progress, left, guess, methods, options or {}, most_trials)
    return race.run(spare)


class _Race:
    def __init__(
        self,
        work: Work,
        solved: Solved,
        progress: Progress,
        seconds: float,
        guess: float,
        methods: tuple[str, ...],
        options: Mapping[str, Any],
        most_trials: int | None,
    ) -> None:
        self.work, self.solved, self.progress = work, solved, progress
        self.methods, self.options = methods, dict(options)
        self.before = list(work.job.folder.decision("race") or ())
        self.began = time.monotonic() - clock(self.before)  # of the clock that an earlier process started
        self.deadline = self.began + seconds
        self.guess = guess
        self.race = Race(most_trials=most_trials)
        self.shared = Shared()
        self.runners: dict[str, Runner] = {}
        self.measured: dict[str, Any] = {}
        self.study: Study | None = None
        self.least = math.inf  # validation loss of the network that is held
        self.is_full = False  # whether a new trial was found not to fit into the time that is left

    @property
    def left(self) -> float:
        """Seconds."""
        return self.deadline - time.monotonic()

    def run(self, spare: float) -> RaceOutcome:
        """Moves, until there is no time or nothing to win; then what its trials are together."""
        folder = self.work.job.folder
        self._restore()
        over = folder.decision("race/over")
        why = over["why"] if over else ""
        while not why:
            why = self._moved()
            gc.collect()  # a trainer holds itself in a circle, and with it a network and its optimizer
        best = self.race.best
        if best is None:
            why = without_result(why, self.race.trials)
        if not over:
            over = {"why": why, "seconds": round(time.monotonic() - self.began, 1)}
            folder.decide("race/over", over, why)
        self.progress.note(f"the race is over: {why}")
        document = self._document(why, over["seconds"])
        if best is None:
            return RaceOutcome(None, document)
        runners = list(self.runners.values())
        together, told = Combining(self.work, self.solved, runners, self.progress, self.deadline + spare, spare).run()
        return RaceOutcome(together or self._finished(best), {**document, "combined": told})

    def _moved(self) -> str:
        """One move; why the race is over, where it is."""
        move = self.race.next(self.left, self._cost_of_new())
        if move.kind == "stop":
            return move.why
        if move.kind == "go_on" and move.trial is not None:
            return self._cycle(self.runners[move.trial.name])
        return self._new()

    def _finished(self, best: Trial) -> Finished:
        runner = self.runners[best.name]
        assert runner.trained is not None and runner.setup is not None  # noqa: S101  # its loss came from them
        return runner.training.trial(runner.trained, with_cycles(runner.setup, best.kept))

    def _restore(self) -> None:
        """What a killed process had made: its checkpoints are read, nothing is trained again."""
        for before in self.before:
            drawn = Drawn(before["number"], before["method"], before["drawn"])
            runner = self._runner(drawn, before["name"])
            self.runners[runner.trial.name] = runner
            if before["cycles"]:
                self._replay(runner, before)
            elif before["over"]:
                runner.trial.over = before["over"]
                self.race.report(runner.trial)
            else:
                self._cycle(runner)

    def _replay(self, runner: Runner, before: Mapping[str, Any]) -> None:
        """A trial as it was: its best point, and where it was paused."""
        trial, setup = runner.trial, runner.training.settle()
        if setup is None:  # decided in an earlier process, so never None
            return
        kept = before["kept"]
        trained = runner.training.train(with_cycles(setup, kept), from_set_aside=kept < before["cycles"])
        self._judge(runner, trained, kept)
        trial.rung, trial.seconds, trial.over = before["cycles"], before["seconds"], before["over"]
        runner.spent, runner.curve = before["spent"], before["curve"]
        runner.setup = setup
        self._reported(runner, trained)

    def _cost_of_new(self) -> float:
        if self.is_full:
            return math.inf
        first = [runner.trial.seconds for runner in self.runners.values() if math.isfinite(runner.trial.seconds)]
        return float(np.mean(first)) if first else min(self.guess, max(0.0, self.left))

    def _new(self) -> str:
        """Begin a trial; why the race is over where that cannot be."""
        try:
            drawn = self._draw()
        except (MissingExtraError, ConfigError) as error:
            return str(error)
        runner = self._runner(drawn, f"{drawn.method}#{len(self.runners) + 1}")
        self.runners[runner.trial.name] = runner
        self._write(f"{runner.trial.name} begins")
        return self._cycle(runner)

    def _draw(self) -> Drawn:
        """The first one is the method's own default; then the study says."""
        if not self.runners:
            return Drawn(NOT_DRAWN, self.methods[0], {})
        return self._opened().ask()

    def _opened(self) -> Study:
        """The study, which the first trial is told to: it did not draw that one."""
        if self.study is None:
            request, folder = self.work.job.request, self.work.job.folder
            storage = request.storage or f"sqlite:///{(folder.path / 'race.db').absolute()}"
            spaces = {method: self._space(method) for method in self.methods}
            (method, values), *others = first_of(self.methods)
            study = Study(spaces, others, storage, self._name(), request.seed)
            first = next(iter(self.runners.values()))
            if first.number == NOT_DRAWN and math.isfinite(first.trial.loss):
                first.number = study.add(method, values, first.curve[0][1])
            self.study = study
        return self.study

    def _name(self) -> str:
        """Races of one name share what they learn: their losses and spaces must be comparable."""
        learning = self.solved.learning
        (first, *_) = self.runners.values()
        same = [
            self.solved.reading.dataset.fingerprint,
            first.training.lane.network.backbone.weights_digest(len(first.training.lane.network.backbone.stages)),
            learning.task.name, sorted(self.methods), self.options, learning.seed,
        ]  # fmt: skip
        return f"headstart-{sha256_json(same)[:16]}"

    def _space(self, method: str) -> Space:
        plugin = plugins.load("methods", method)
        left_out = {*self.options}
        if self.solved.learning.targets.kind == "real":
            left_out |= {*NOT_FOR_NUMBERS}
        if TrainRequest(method, {}).is_random:
            left_out |= {*NOT_FROM_NOTHING}
        return {name: dimension for name, dimension in plugin.config.space.items() if name not in left_out}

    def _runner(self, drawn: Drawn, name: str) -> Runner:
        """A trial from what was drawn, relative to what the first one measured."""
        asked = TrainRequest(drawn.method, {**self.options, **self._settings(drawn)}, trial=name)
        training = Training(asked, self.work, self.solved, self.progress, self.left, self.shared)
        return Runner(Trial(name, drawn.method, dict(drawn.values)), training, drawn.number)

    def _settings(self, drawn: Drawn) -> dict[str, Any]:
        space = self._space(drawn.method)
        values = {name: value for name, value in drawn.values.items() if name in space}
        if not self.measured:  # no trial came to an end so far: only what is relative to nothing is known
            absolute = {name: value for name, value in values.items() if isinstance(space[name], Choice | LogRange)}
            return resolved(space, absolute, {})
        base = {**self.measured, "lr": self.measured["lr"] * self._lr_scale(drawn.method)}
        found = {**resolved(space, values, base), "precision": self.measured["precision"], **self.options}
        if isinstance(space.get("freeze"), Shift) and "freeze" in found:
            found["freeze"] = min(found["freeze"], self.measured["deepest"])
        return found

    def _lr_scale(self, method: str) -> float:
        """Of a method beside the one that was measured: new parameters learn faster than pretrained ones."""
        one, other = (plugins.load("methods", name).build(plugins.load("methods", name).config()) for name in
                      (method, self.measured["method"]))  # fmt: skip
        return float(one.lr_scale / other.lr_scale)

    def _cycle(self, runner: Runner) -> str:
        """One more cycle; why the race is over where the time is too short for it."""
        trial, began = runner.trial, time.monotonic()
        try:
            setup = self._prepared(runner)
            if setup is None:
                return self._without_time(runner)
            trained = runner.training.train(setup)
            loss = self._judge(runner, trained, trial.rung + 1)
        except FAILURES as error:
            if self.work.train_request and isinstance(error, UserError) and not self.race.trials:
                raise  # what was named cannot work as given: no other trial will
            self._failed(runner, error)
            return ""
        runner.setup = runner.setup or setup
        trial.rung += 1
        trial.seconds = time.monotonic() - began
        runner.spent += trial.seconds
        trial.over = str(trained.report["stopped"] or "")
        runner.curve.append([round(time.monotonic() - self.began, 1), round(loss, 5)])
        self._reported(runner, trained)
        if trial.rung == 1:
            self._tell(runner, loss)
        self._write(f"{trial.name}: cycle {trial.rung}, {loss:.4f}")
        return ""

    def _prepared(self, runner: Runner) -> Setup | None:
        """The settings of the next cycle; None where the time is too short for it."""
        if runner.setup is not None:
            if runner.trial.kept == runner.trial.rung:
                runner.training.set_aside(with_cycles(runner.setup, runner.trial.kept))  # a further cycle may end worse
            return with_cycles(runner.setup, runner.trial.rung + 1)
        setup = runner.training.settle()
        is_first = len(self.runners) == 1  # fewer epochs of it may have been made to fit
        return setup if setup and (is_first or setup.predicted["all"] <= self.left) else None

    def _without_time(self, runner: Runner) -> str:
        """One that was begun does not fit, and no other will: what is there may still go on."""
        self._tell(runner, math.inf)
        del self.runners[runner.trial.name]
        self._write(TOO_SHORT)
        self.is_full = True
        return "" if self.runners else TOO_SHORT_FOR_ANY

    def _judge(self, runner: Runner, trained: Trained, cycles: int) -> float:
        """The validation loss after so many cycles; the trial keeps it where it is its best."""
        learning, trial = self.solved.learning, runner.trial
        targets = learning.targets.take(runner.training.positions["val"])
        loss = float(learning.task.loss(targets, trained.val_outputs).mean())
        if not math.isfinite(loss):
            raise FloatingPointError("its validation loss is not a finite number")
        if loss < trial.loss:
            trial.loss, trial.kept = loss, cycles
            trial.shares = np.asarray(learning.task.scores(targets, trained.val_outputs), np.float64)
            trial.score = float(learning.task.score(targets, trained.val_outputs))
            runner.outputs = trained.val_outputs
        return loss

    def _reported(self, runner: Runner, trained: Trained) -> None:
        """Tell the race; networks of others than the best are let go of: their checkpoints hold them."""
        start = trained.report["start"]["val_loss"]
        self.race.start_from(math.inf if start is None else start)
        self.race.report(runner.trial)
        if runner.trial.loss < self.least:
            self.least = runner.trial.loss
            for other in self.runners.values():
                other.trained = None
            runner.trained = trained
        if not self.measured:
            self.measured = self._measured(runner)

    def _measured(self, runner: Runner) -> dict[str, Any]:
        from headstart.engine.training.freezing import deepest

        assert runner.setup is not None  # noqa: S101  # it was trained
        found = {name: runner.setup.settings[name] for name in ("lr", "freeze", "precision")}
        return {**found, "method": runner.trial.method, "deepest": deepest(runner.training.backbone)}

    def _failed(self, runner: Runner, error: Exception) -> None:
        """What a trial came to before it failed stays."""
        logger.info("%s failed", runner.trial.name, exc_info=error)  # where: for run.log alone
        runner.trial.over = failure(error)
        self.progress.note(f"{runner.trial.name} {runner.trial.over}")
        self.race.report(runner.trial)
        if not runner.trial.rung:
            self._tell(runner, math.inf)
        self._write(f"{runner.trial.name} {runner.trial.over}")

    def _tell(self, runner: Runner, loss: float) -> None:
        """The study, of a trial that it drew; a race goes on with what it has where the storage is gone."""
        if runner.number == NOT_DRAWN:
            return
        try:
            self._opened().tell(runner.number, loss)
        except (MissingExtraError, ConfigError) as error:
            self.progress.note(str(error))

    def _write(self, what: str) -> None:
        self.work.job.folder.decide("race", [runner.record() for runner in self.runners.values()], what)

    def _document(self, why: str, seconds: float) -> dict[str, Any]:
        best = self.race.best
        return {
            "best": None if best is None else best.name,
            "trials": [runner.entry() for runner in self.runners.values()],
            "stopped": why,
            "seconds": seconds,
            "importance": self._importance(),
        }

    def _importance(self) -> dict[str, float]:
        try:
            return {} if len(self.runners) < 2 else self._opened().importance()
        except (MissingExtraError, ConfigError):
            return {}
