"""After the choice, before the test: the chosen model's probabilities calibrated, its sets and thresholds chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from headstart.core.learning import Fitted, Ints, Targets, Task
from headstart.core.resources import one_blas_thread
from headstart.core.seeding import generator
from headstart.evaluation.left_out import as_left_out
from headstart.features.sources import joined
from headstart.fitting.mitigated import PLAIN
from headstart.fitting.monitored import with_reference
from headstart.postprocessing.choosing import HeldOut, Origin, Postprocessed, choose_answers, choose_calibration
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
    """Every contender calibrated on rows held out from it; and what is said beside the chosen one's predictions.

    All or none: a difference between two is to be one of the models, and not of a calibration that one of them had.
    Written to decisions.jsonl, since nothing may be chosen once the test is read.
    """
    learning = solved.learning
    chosen = next(contender for contender in solved.contenders if contender.name == choice.name)
    held = held_out(solved, chosen, choice)
    if held is None:
        why = "every validation example took part in choosing the training, and there are too few to keep some apart"
        work.job.folder.decide(DECISION, {"why_not": why}, why)
        bare = Postprocessed(Postprocessing(), np.zeros((0, learning.targets.width)), {"why_not": why})
        return solved, _with_looks(work, solved, choice, bare, chosen.task, None)
    calibration = choose_calibration(held.seen, generator(learning.seed, DECISION))
    contender, is_folded = _calibrated(chosen, held, calibration, learning.targets)
    by_class = contender.task.primary == "macro_f1"
    found = choose_answers(
        held.seen, calibration, contender.task, work.job.request.answered_accuracy, by_class=by_class
    )
    if is_folded:
        found = replace(found, postprocessing=without_calibrator(found.postprocessing))
    found = _with_looks(work, solved, choice, found, contender.task, held.seen.targets)
    others, told = _others(solved, chosen, choice)
    record = found.postprocessing.record.model_dump(mode="json")
    work.job.folder.decide(DECISION, {**found.facts, "record": record, "others": told}, calibration.why)
    contenders = [contender if each is chosen else others.get(each.name, each) for each in solved.contenders]
    return replace(solved, contenders=contenders), found


def _others(solved: Solved, chosen: Contender, choice: Choice) -> tuple[dict[str, Contender], dict[str, str]]:
    """The other contenders calibrated by name, and by what, where rows are held out from them."""
    learning, found, told = solved.learning, dict[str, "Contender"](), dict[str, str]()
    for each in solved.contenders:
        held = None if each is chosen else held_out(solved, each, choice)
        if held is not None and len(held.rows):
            calibration = choose_calibration(held.seen, generator(learning.seed, DECISION))
            found[each.name], _ = _calibrated(each, held, calibration, learning.targets)
            told[each.name] = calibration.name
    return found, told


def _with_looks(
    work: Work, solved: Solved, choice: Choice, found: Postprocessed, task: Task, targets: Targets | None
) -> Postprocessed:
    """With what the examples look like to the features of the candidate that ships, one by one and all together."""
    learning = solved.learning
    candidate = next(candidate for candidate in solved.candidates if candidate.name == choice.name)
    trained = next((trial.contender for trial in solved.trials if trial.contender.name == choice.name), None)
    unseen = None
    if trained is not None:
        unseen = np.asarray(np.isfinite(trained.solution.out_of_fold).all(axis=1))
        unseen[[] if trained.apart is None else trained.apart.rows] = True
    features = joined(candidate.sources, learning.train)
    with one_blas_thread():
        arrays, facts = learned_domain(
            features, learning.targets, solved.parts.groups, unseen, generator(learning.seed, "domain")
        )
    post = found.postprocessing
    if arrays:
        record = post.record.model_copy(update={"out_of_domain": facts["measure"]})
        post = Postprocessing(record, {**post.arrays, **arrays})
    found = replace(found, postprocessing=post, facts={**found.facts, "domain": facts})
    looked_at = None if not arrays else features if unseen is None else features[unseen]
    return with_reference(work, solved, candidate, task, targets, looked_at, found)


def without_calibrator(postprocessing: Postprocessing) -> Postprocessing:
    """For a head that holds the calibration itself."""
    return Postprocessing(postprocessing.record.model_copy(update={"calibrator": "none"}))


@dataclass(frozen=True)
class Held:
    """What a model says of rows that it did not see, and where they are.

    Attributes:
        rows: ``(n,)`` positions in the training part.
        seen: Of the same rows, as a calibration is chosen on them.
    """

    rows: Ints
    seen: HeldOut


def held_out(solved: Solved, contender: Contender, choice: Choice) -> Held | None:
    """None where all rows that it did not learn from took part in choosing it."""
    learning, solution = solved.learning, contender.solution
    origin: Origin = "folds"
    trained = {trial.contender.name for trial in solved.trials}
    if choice.name in trained:
        trained.add(PLAIN)
    if contender.apart is not None:
        rows, outputs, origin = contender.apart.rows, contender.apart.outputs, "apart"
    elif contender.name in trained:
        return None
    else:
        of = np.arange(len(learning.targets)) if contender.train_rows is None else contender.train_rows
        known = np.flatnonzero(np.isfinite(solution.out_of_fold).all(axis=1))
        rows = of[known]
        # stratified folds know how often each class was drawn, and new rows do not follow that
        outputs = as_left_out(learning.targets.take(of), solution.out_of_fold)[known]
    return Held(rows, HeldOut(learning.targets.take(rows), outputs, solved.parts.groups[rows], origin))


def _calibrated(contender: Contender, held: Held, calibration: Chosen, targets: Targets) -> tuple[Contender, bool]:
    """With every output calibrated, and decisions settled on rows that were calibrated without themselves."""
    kind, solution = targets.kind, contender.solution
    seen = np.full((len(targets), targets.width), np.nan)
    seen[held.rows] = calibration.outputs
    task = contender.task.settle(targets, seen)
    if calibration.name == "none":
        return (replace(contender, task=task) if held.seen.origin == "apart" else contender), False
    post = Postprocessing.of_calibrator(calibration.name, calibration.arrays)
    known = np.asarray(np.isfinite(solution.out_of_fold).all(axis=1))
    out_of_fold = np.full_like(np.asarray(solution.out_of_fold, np.float64), np.nan)
    out_of_fold[known] = post.outputs(solution.out_of_fold[known], kind)
    fitted: Fitted | None = folded(solution.fitted, post, kind)
    return replace(
        contender,
        solution=replace(solution, fitted=fitted or solution.fitted, out_of_fold=out_of_fold),
        test_outputs=post.outputs(contender.test_outputs, kind),
        task=task,
    ), fitted is not None
