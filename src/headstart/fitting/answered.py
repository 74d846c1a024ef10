"""After the choice, before the test: the chosen model's probabilities calibrated, its sets and thresholds chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core.learning import Fitted, Floats, Ints, Targets
from headstart.core.resources import one_blas_thread
from headstart.core.seeding import generator
from headstart.evaluation.left_out import as_left_out
from headstart.features.sources import joined
from headstart.postprocessing.choosing import HeldOut, Postprocessed, choose_answers, choose_calibration
from headstart.postprocessing.domain import learned_domain
from headstart.postprocessing.folding import folded
from headstart.postprocessing.postprocessing import Postprocessing

if TYPE_CHECKING:
    from headstart.evaluation.calibrators.choose import Chosen
    from headstart.evidence.contender import Contender
    from headstart.evidence.guard import Choice
    from headstart.solving.work import Solved, Work

DECISION = "calibration"


def answered(work: Work, solved: Solved, choice: Choice) -> tuple[Solved, Postprocessed]:
    """The chosen contender calibrated, in its place among the others; and what is said beside its predictions.

    Written to decisions.jsonl, since nothing may be chosen once the test is read.
    """
    learning = solved.learning
    chosen = next(contender for contender in solved.contenders if contender.name == choice.name)
    rows, held = _held_out(solved, chosen)
    if held is None:
        why = "every validation example took part in choosing the training, and there are too few to keep some apart"
        work.job.folder.decide(DECISION, {"why_not": why}, why)
        bare = Postprocessed(Postprocessing(), np.zeros((0, learning.targets.width)), {"why_not": why})
        return solved, _with_domain(solved, choice, bare)
    calibration = choose_calibration(held, generator(learning.seed, DECISION))
    contender, is_folded = _calibrated(chosen, rows, held, calibration, learning.targets)
    by_class = contender.task.primary == "macro_f1"
    found = choose_answers(held, calibration, contender.task, work.job.request.answered_accuracy, by_class=by_class)
    if is_folded:
        found = replace(found, postprocessing=without_calibrator(found.postprocessing))
    found = _with_domain(solved, choice, found)
    record = found.postprocessing.record.model_dump(mode="json")
    work.job.folder.decide(DECISION, {**found.facts, "record": record}, calibration.why)
    contenders = [contender if each is chosen else each for each in solved.contenders]
    return replace(solved, contenders=contenders), found


def _with_domain(solved: Solved, choice: Choice, found: Postprocessed) -> Postprocessed:
    """With what the examples look like to the features of the candidate that ships."""
    learning = solved.learning
    candidate = next(candidate for candidate in solved.candidates if candidate.name == choice.name)
    trained = next((trial.contender for trial in solved.trials if trial.contender.name == choice.name), None)
    unseen = None
    if trained is not None:
        unseen = np.asarray(np.isfinite(trained.solution.out_of_fold).all(axis=1))
        unseen[[] if trained.apart is None else trained.apart.rows] = True
    with one_blas_thread():
        arrays, facts = learned_domain(
            joined(candidate.sources, learning.train), learning.targets, solved.parts.groups, unseen,
            generator(learning.seed, "domain"),
        )  # fmt: skip
    post = found.postprocessing
    if arrays:
        record = post.record.model_copy(update={"out_of_domain": facts["measure"]})
        post = Postprocessing(record, {**post.arrays, **arrays})
    return replace(found, postprocessing=post, facts={**found.facts, "domain": facts})


def without_calibrator(postprocessing: Postprocessing) -> Postprocessing:
    """For a head that holds the calibration itself."""
    return Postprocessing(postprocessing.record.model_copy(update={"calibrator": "none"}))


def _held_out(solved: Solved, chosen: Contender) -> tuple[Ints, HeldOut | None]:
    """Positions in the training part and what the model says of them; None where all took part in choosing it."""
    learning, trained = solved.learning, {trial.contender.name for trial in solved.trials}
    if chosen.name not in trained:
        rows = np.flatnonzero(np.isfinite(chosen.solution.out_of_fold).all(axis=1))
        # stratified folds know how often each class was drawn, and new rows do not follow that
        outputs: Floats = as_left_out(learning.targets, chosen.solution.out_of_fold)[rows]
    elif chosen.apart is not None:
        rows, outputs = chosen.apart.rows, chosen.apart.outputs
    else:
        return np.zeros(0, np.int64), None
    weights = None if learning.weights is None else learning.weights[rows]
    origin: Any = "apart" if chosen.name in trained else "folds"
    return rows, HeldOut(learning.targets.take(rows), outputs, weights, solved.parts.groups[rows], origin)


def _calibrated(
    chosen: Contender, rows: Ints, held: HeldOut, calibration: Chosen, targets: Targets
) -> tuple[Contender, bool]:
    """With every output calibrated, and decisions settled on rows that were calibrated without themselves."""
    kind, solution = targets.kind, chosen.solution
    seen = np.full_like(np.asarray(solution.out_of_fold, np.float64), np.nan)
    seen[rows] = calibration.outputs
    task = chosen.task.settle(targets, seen)
    if calibration.name == "none":
        return (replace(chosen, task=task) if held.origin == "apart" else chosen), False
    post = Postprocessing.of_calibrator(calibration.name, calibration.arrays)
    known = np.asarray(np.isfinite(solution.out_of_fold).all(axis=1))
    out_of_fold = np.full_like(seen, np.nan)
    out_of_fold[known] = post.outputs(solution.out_of_fold[known], kind)
    fitted: Fitted | None = folded(solution.fitted, post, kind)
    return replace(
        chosen,
        solution=replace(solution, fitted=fitted or solution.fitted, out_of_fold=out_of_fold),
        test_outputs=post.outputs(chosen.test_outputs, kind),
        task=task,
    ), fitted is not None
