"""A race where nothing is trained: settings of what is solved on plain columns, judged on the folds of the probe."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core import plugins
from headstart.core.errors import ConfigError, MissingExtraError
from headstart.core.files import sha256_json
from headstart.selection.halving import PATIENCE, TOO_SHORT
from headstart.selection.study import Study
from headstart.solving.solve import blended_anew, solve_one
from headstart.solving.work import Tuned

if TYPE_CHECKING:
    from headstart.core.progress import Progress
    from headstart.evidence.contender import Contender
    from headstart.solving.candidates import Candidate
    from headstart.solving.work import Solved, Work

logger = logging.getLogger(__name__)

METHODS = "methods"
SLOWER = 1.5  # times the mean: how long the next one may take


def tunable(solved: Solved) -> Candidate | None:
    """The candidate whose settings are worth a search: it can ship and declares a space; None where there is none."""
    found = [each for each in solved.candidates if each.can_ship and _space(each)]
    return found[0] if found else None


def tuned(work: Work, solved: Solved, progress: Progress, seconds: float) -> tuple[Solved, dict[str, Any]]:
    """Try settings within ``seconds``, or as many as ``--tune`` says; the best takes the candidate's place.

    Returns:
        What is solved, with ``tuned`` where a trial was better, and the document of the race.
    """
    candidate = tunable(solved)
    assert candidate is not None  # noqa: S101  # the caller asked
    return _Search(work, solved, candidate, progress, seconds).run()


class _Search:
    def __init__(self, work: Work, solved: Solved, candidate: Candidate, progress: Progress, seconds: float) -> None:
        self.work, self.solved, self.candidate, self.progress = work, solved, candidate, progress
        self.named = _named(work, candidate)
        self.began = time.monotonic()
        self.deadline = self.began + seconds
        first = next(each for each in solved.contenders if each.name == candidate.name)
        self.best = Tuned(candidate, first, {}, self._loss(first))
        self.trials: list[dict[str, Any]] = []
        self.since = 0

    def run(self) -> tuple[Solved, dict[str, Any]]:
        """One trial after another."""
        importance: dict[str, float] = {}
        try:
            study = self._study()
            why = ""
            while not why:
                why = self._over() or self._trial(study)
            importance = study.importance()
        except (MissingExtraError, ConfigError) as error:
            why = str(error)
        self.progress.note(f"the race is over: {why}")
        best = max((each for each in self.trials if each["is_best"]), key=lambda each: each["number"], default=None)
        document = {
            "kind": "solved", "method": self.candidate.method_name, "best": best and best["name"],
            "trials": [{k: v for k, v in each.items() if k not in ("is_best", "number")} for each in self.trials],
            "stopped": why, "seconds": round(time.monotonic() - self.began, 1), "importance": importance,
        }  # fmt: skip
        return self._with_best(), document

    def _study(self) -> Study:
        request, folder = self.work.job.request, self.work.job.folder
        storage = request.storage or f"sqlite:///{(folder.path / 'race.db').absolute()}"
        same = [self.solved.reading.dataset.fingerprint, self.candidate.title, self.solved.learning.seed]
        method = self.candidate.method_name
        space = {name: values for name, values in _space(self.candidate).items() if name not in self.named}
        same += [self.named] if self.named else []
        return Study({method: space}, [], storage, f"headstart-{sha256_json(same)[:16]}", request.seed)

    def _over(self) -> str:
        most = self.work.job.request.tune
        if most is not None and len(self.trials) >= most:
            return f"{most} trials were made, as many as were asked for"
        if self.since >= PATIENCE:
            return f"{self.since} trials in a row were not better than what was there before"
        each = [trial["seconds"] for trial in self.trials]
        if time.monotonic() + SLOWER * (float(np.mean(each)) if each else 0.0) > self.deadline:
            return TOO_SHORT
        return ""

    def _trial(self, study: Study) -> str:
        """Always goes on: what fails counts as failed."""
        drawn, began = study.ask(), time.monotonic()
        plugin = plugins.load(METHODS, self.candidate.method_name)
        settings = {**self.named, **drawn.values}
        config = plugin.config.parse(settings, f"method {self.candidate.method_name}")
        candidate = replace(self.candidate, method=plugin.build(config))
        contender = solve_one(self.solved.learning, candidate)
        loss = self._loss(contender)
        study.tell(drawn.number, loss)
        is_better = loss < self.best.loss
        self.since = 0 if is_better else self.since + 1
        if is_better:
            self.best = Tuned(candidate, contender, settings, loss)
        seconds = time.monotonic() - began
        score = self._score(contender)
        self.trials.append({
            "name": f"{self.candidate.name}#{len(self.trials) + 1}", "method": self.candidate.method_name,
            "drawn": dict(drawn.values), "cycles": 1, "kept": 1, "val_loss": round(loss, 5), "val_score": score,
            "seconds": round(seconds, 2), "spent": round(seconds, 2), "over": "",
            "curve": [[round(time.monotonic() - self.began, 1), round(loss, 5)]],
            "is_best": is_better, "number": len(self.trials),
        })  # fmt: skip
        self.progress.note(f"{self.trials[-1]['name']}: held-out loss {loss:.4f}")
        return ""

    def _loss(self, contender: Contender) -> float:
        learning, outputs = self.solved.learning, contender.solution.out_of_fold
        known = np.flatnonzero(np.isfinite(outputs).all(axis=1))
        if not len(known):
            return math.inf
        return float(learning.task.loss(learning.targets.take(known), outputs[known]).mean())

    def _score(self, contender: Contender) -> float | None:
        learning, outputs = self.solved.learning, contender.solution.out_of_fold
        known = np.flatnonzero(np.isfinite(outputs).all(axis=1))
        if not len(known):
            return None
        return round(float(contender.task.score(learning.targets.take(known), outputs[known])), 5)

    def _with_best(self) -> Solved:
        if not self.best.settings:
            return self.solved
        name = self.candidate.name
        candidates = [self.best.candidate if each.name == name else each for each in self.solved.candidates]
        contenders = [self.best.contender if each.name == name else each for each in self.solved.contenders]
        return replace(
            self.solved,
            candidates=candidates,
            contenders=blended_anew(self.solved.learning, candidates, contenders),
            tuned=self.best,
        )


def _named(work: Work, candidate: Candidate) -> dict[str, Any]:
    """Settings that were given: no trial varies them."""
    method = work.job.request.method
    if method["name"] != candidate.method_name:
        return {}
    return {name: value for name, value in method.items() if name != "name"}


def _space(candidate: Candidate) -> Mapping[str, Any]:
    return plugins.load(METHODS, candidate.method_name).config.space
