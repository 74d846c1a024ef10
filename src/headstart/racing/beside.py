"""Solved candidates beside the probe: other methods on the features that are kept, judged on the same folds.

They cost a solver's time and no pass through a network, so a race tries them before its first training. The guard
decides, as among all solved candidates.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core import plugins
from headstart.core.errors import ConfigError, HeadstartError, choice_message
from headstart.solving.candidates import DEFAULT_METHOD, METHODS, Candidate, default_method, solves
from headstart.solving.solve import FOLDS, solve_one

if TYPE_CHECKING:
    from headstart.core.progress import Progress
    from headstart.evidence.contender import Contender
    from headstart.request.fit_config import FitConfig
    from headstart.solving.work import Solved, Work

logger = logging.getLogger(__name__)

DECISION = "beside"
IN_A_RACE = ("root_probe", "boosted_directions")  # that a race tries, the more promising one first; measured
SHARE = 0.05  # of the time that is left, at most, for one of them ...
NEXT_TO_NOTHING = 2.0  # ... but for one of so few seconds a quarter of it: it may be all that there is time for
PROBE_SECONDS = 1e-7  # of a core, for each number of N x D features and each of W outputs: two roots, five folds
TREE_SECONDS = 3e-3  # of a core, a small tree of a few thousand rows and its part of the held-out outputs
DIRECTIONS_SECONDS = 1e-7  # for each number of the features, all folds
FIXED = 0.3


def require_beside(names: Sequence[str], method: str) -> None:
    """Raise ConfigError for what cannot be solved beside the method of a request: told before the work."""
    known = methods_beside()
    for name in names:
        if name not in known:
            raise ConfigError(choice_message("a method of beside", name, known))
        if name == method:
            raise ConfigError(f"beside must name other methods than the one of the fit; got {name!r}. Leave it out.")


def methods_beside() -> list[str]:
    """Methods that can be solved on kept features and shipped."""
    found = {name: plugins.load(METHODS, name) for name in plugins.names(METHODS)}
    return [
        name
        for name, plugin in found.items()
        if plugin.kind == "solve" and not {"examples", "missing", "sparse"} & set(plugin.needs)
    ]


def with_those_beside(candidates: list[Candidate], names: Sequence[str]) -> list[Candidate]:
    """After the first candidate, where it is a network's, those on the same features by other methods."""
    first, *others = candidates
    if first.kind != "transfer":
        return candidates
    return [first, *(_beside(first, name) for name in names), *others]


def _beside(first: Candidate, name: str) -> Candidate:
    summary = plugins.summary(METHODS, name).partition(":")[2].strip().rstrip(".") or name
    what = f"On the same features of the pretrained network, which stays as it is: {summary}."
    return replace(first, name=name, method_name=name, method=default_method(name), what=what)


def solved_beside(work: Work, solved: Solved, progress: Progress, seconds: float) -> Solved:
    """With the candidates that a race tries before its trainings, each where its time is a small share of ``seconds``.

    Nothing is tried without a limit of time or where a method was named. What was decided is replayed by a run that
    goes on after an interruption.
    """
    first, folder = solved.candidates[0], work.job.folder
    if work.job.request.minutes is None or first.method_name != DEFAULT_METHOD or first.kind != "transfer":
        return solved
    before = {entry["name"]: entry for entry in folder.decision(DECISION) or ()}
    until, found, told = time.monotonic() + seconds, solved, []
    for name in _names(solved):
        entry = before.get(name) or _too_long(solved, name, until - time.monotonic())
        if entry is None or "skipped" not in entry:
            found, made = _with(found, name)
            entry = entry or made
        told.append(entry)
        progress.note(f"beside {first.name}: {sentence(entry)}")
    if not before:
        folder.decide(DECISION, told, "other methods on the kept features, before trainings begin")
    return replace(found, beside_told=tuple(told))


def _too_long(solved: Solved, name: str, left: float) -> dict[str, Any] | None:
    guess = guessed_seconds(name, *_size(solved))
    if guess <= SHARE * left or guess <= min(NEXT_TO_NOTHING, left / 4):
        return None
    return {"name": name, "skipped": f"about {guess:.0f} s are more than {SHARE:.0%} of the time that is left"}


def beside_note(request: FitConfig, is_trainable: bool) -> list[str]:
    """What the plan says of them: nothing where there is no race with a limit of time."""
    if request.minutes is None or request.method["name"] != "auto" or not is_trainable:
        return []
    return [
        f"before the first training, {' and '.join(IN_A_RACE)} are solved on the kept features, each where that is "
        f"expected to take at most {SHARE:.0%} of the time that is left; the folds decide between them and the probe"
    ]


def _names(solved: Solved) -> list[str]:
    kind = solved.learning.task.kind
    there = {candidate.name for candidate in solved.candidates}
    return [name for name in IN_A_RACE if solves(name, kind) and name not in there]


def _with(solved: Solved, name: str) -> tuple[Solved, dict[str, Any]]:
    """One more candidate, and what to say of it; none where its method fails, for the race goes on without it."""
    candidate, began = _beside(solved.candidates[0], name), time.monotonic()
    try:
        contender = solve_one(solved.learning, candidate)
    except (HeadstartError, ArithmeticError, MemoryError, ValueError) as error:
        logger.info("%s failed", name, exc_info=error)
        return solved, {"name": name, "skipped": str(error).splitlines()[0] if str(error) else type(error).__name__}
    place = 1 + len(solved.beside)
    found = replace(
        solved,
        candidates=[*solved.candidates[:place], candidate, *solved.candidates[place:]],
        contenders=[*solved.contenders[:place], contender, *solved.contenders[place:]],
        beside=(*solved.beside, name),
    )
    losses = {"loss": held_out_loss(solved, contender), "probe_loss": held_out_loss(solved, solved.contenders[0])}
    return found, {"name": name, **losses, "seconds": round(time.monotonic() - began, 2)}


def held_out_loss(solved: Solved, contender: Contender) -> float | None:
    """Mean over the rows that folds held out; None where there are none."""
    learning, outputs = solved.learning, contender.solution.out_of_fold
    known = np.flatnonzero(np.isfinite(outputs).all(axis=1))
    if not len(known):
        return None
    return round(float(learning.task.loss(learning.targets.take(known), outputs[known]).mean()), 5)


def _size(solved: Solved) -> tuple[int, int, int]:
    """Rows, features and outputs."""
    targets = solved.learning.targets
    width = solved.contenders[0].solution.fitted.arrays["weight"].shape[1]
    return len(targets), width, targets.width


def guessed_seconds(name: str, rows: int, features: int, outputs: int) -> float:
    """About how long a method takes on ``(rows, features)``; infinity for one that nobody has measured."""
    numbers = rows * features
    if name == "root_probe":
        return FIXED + PROBE_SECONDS * numbers * max(2, outputs)
    if name == "boosted_directions":
        config: Any = plugins.load(METHODS, name).config()
        trees = min(config.rounds * (outputs if outputs > 2 else 1), config.most_trees) * (FOLDS + 1)
        return float(FIXED + DIRECTIONS_SECONDS * numbers + TREE_SECONDS * trees)
    return math.inf


def sentence(told: dict[str, Any]) -> str:
    """What became of one of them, for people.

    >>> sentence({"name": "root_probe", "loss": 0.478, "probe_loss": 0.495, "seconds": 0.8})
    'root_probe is better on held-out folds (loss 0.478 against 0.495)'
    >>> sentence({"name": "boosted_directions", "skipped": "about 9 s are more than 5% of the time that is left"})
    'boosted_directions is not tried: about 9 s are more than 5% of the time that is left'
    """
    if "skipped" in told:
        return f"{told['name']} is not tried: {told['skipped']}"
    if told["loss"] is None or told["probe_loss"] is None:
        return f"{told['name']} is solved; no example could be held out to compare it"
    word = "better" if told["loss"] < told["probe_loss"] else "not better"
    return f"{told['name']} is {word} on held-out folds (loss {told['loss']:.3f} against {told['probe_loss']:.3f})"
