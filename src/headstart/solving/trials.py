"""Trained candidates beside the solved ones, and the choice between them."""

from __future__ import annotations

from dataclasses import replace

from headstart.evidence.guard import Choice, guard, obeyed
from headstart.evidence.trained_guard import against_start
from headstart.solving.refit_gain import refit_gain
from headstart.solving.work import Solved, Trial


def with_trials(solved: Solved, trials: list[Trial]) -> Solved:
    """The trained candidates that may ship before the solved ones, those that are only compared after them."""
    first = [trial for trial in trials if trial.contender.can_ship]
    last = [trial for trial in trials if not trial.contender.can_ship]
    return replace(
        solved,
        trials=(*first, *last),
        candidates=[*(t.candidate for t in first), *solved.candidates, *(t.candidate for t in last)],
        contenders=[*(t.contender for t in first), *solved.contenders, *(t.contender for t in last)],
    )


def choose(solved: Solved, guarded: bool | str, probe: str) -> Choice:
    """Among what may ship.

    Args:
        solved: With its trials.
        guarded: False: the first one is kept. True: the best on held-out rows. "start": the first trained one, unless
            it is not clearly better than what it began from.
        probe: Name of the candidate that trainings begin from.
    """
    task, targets = solved.learning.task, solved.learning.targets
    if guarded is False:
        return obeyed(task, targets, solved.contenders)
    trained = [trial.contender for trial in solved.trials if trial.contender.can_ship]
    if not trained:
        return guard(task, targets, solved.contenders)
    names = [trial.contender.name for trial in solved.trials]
    others = [contender for contender in solved.contenders if contender.name not in names]
    start_name = guard(task, targets, others).name if guarded is True else probe
    start = next(contender for contender in others if contender.name == start_name)
    candidate = next(each for each in solved.candidates if each.name == start_name)
    gain = refit_gain(solved.learning, candidate, start)
    choice = against_start(task, targets, trained[0], start, gain)
    moved = next(trial.moved for trial in solved.trials if trial.contender is trained[0])
    if choice.name == start.name or moved:
        return choice
    why = f"No epoch of {trained[0].name} was better than its start, so {start.name}, on all examples, was kept."
    return Choice(start.name, choice.losses, choice.rows, True, why)
