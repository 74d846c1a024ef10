"""The head of a compressed network made ready to ship: calibrated, with answers that held-out rows allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Fitted, Floats, Ints, Task
from headstart.core.resources import one_blas_thread
from headstart.core.seeding import generator
from headstart.evaluation.left_out import as_left_out
from headstart.monitoring.learned import HeldOutRows, learned_reference
from headstart.postprocessing.choosing import HeldOut, choose_answers, choose_calibration
from headstart.postprocessing.domain import learned_domain
from headstart.postprocessing.folding import folded
from headstart.postprocessing.postprocessing import Postprocessing

if TYPE_CHECKING:
    from headstart.compression.judging import Bench
    from headstart.core.learning import Solution
    from headstart.core.table import Table
    from headstart.evaluation.calibrators.choose import Chosen

WANTED_ACCURACY = 0.95
SEED = 0


@dataclass(frozen=True)
class Ready:
    """What goes into the bundle.

    Attributes:
        fitted: The head.
        task: With decisions settled on this head's outputs.
        postprocessing: Behind the head.
        calibrated: ``(r, W)`` outputs of the held-out rows, each calibrated without itself.
        facts: Of the answers, as a fit has them.
    """

    fitted: Fitted
    task: Task
    postprocessing: Postprocessing
    calibrated: Floats
    facts: dict[str, Any]


def made_ready(bench: Bench, solution: Solution, features: Any, groups: Ints, table: Table) -> Ready:
    """Calibrate and learn what is said beside the answers.

    Args:
        bench: Whose rows are held out.
        solution: Heads on the features.
        features: ``(n, D)``.
        groups: ``(n,)``: held out together.
        table: Plain columns of the rows.
    """
    kind = bench.targets.kind
    held, calibration, task = calibrated_head(bench, solution, groups)
    found = choose_answers(held, calibration, task, WANTED_ACCURACY, by_class=task.primary == "macro_f1")
    post, fitted = found.postprocessing, solution.fitted
    if calibration.name != "none" and (whole := folded(fitted, post, kind)) is not None:
        fitted = whole
        post = Postprocessing(post.record.model_copy(update={"calibrator": "none"}), {})
    post = _with_looks(post, bench, calibration.outputs, task, features, groups, table)
    return Ready(fitted, task, post, calibration.outputs, dict(found.facts))


def calibrated_head(bench: Bench, solution: Solution, groups: Ints) -> tuple[HeldOut, Chosen, Task]:
    """What heads of folds say of the rows that are held out, its calibration, and the task settled on it.

    Args:
        bench: Whose rows are held out.
        solution: Heads of folds.
        groups: ``(n,)``: held out together.
    """
    rows = bench.rows
    targets, said = bench.targets.take(rows), solution.out_of_fold[rows]
    origin: Any = "folds" if len(np.unique(bench.folds[rows])) > 1 else "apart"
    if origin == "folds":
        said = as_left_out(bench.targets, solution.out_of_fold)[rows]
    held = HeldOut(targets, said, groups[rows], origin)
    calibration = choose_calibration(held, generator(SEED, "calibration"))
    return held, calibration, bench.task.settle(targets, calibration.outputs)


def _with_looks(
    post: Postprocessing,
    bench: Bench,
    outputs: Floats,
    task: Task,
    features: NDArray[Any],
    groups: Ints,
    table: Table,
) -> Postprocessing:
    """With what the rows look like, one by one and all together, for warnings and for the monitor."""
    rows = bench.rows
    unseen = None
    if len(rows) < len(bench.targets):
        unseen = np.zeros(len(bench.targets), bool)
        unseen[rows] = True
    with one_blas_thread():
        arrays, facts = learned_domain(features, bench.targets, groups, unseen, generator(SEED, "domain"))
        record = post.record.model_copy(update={"out_of_domain": facts["measure"] if arrays else None})
        held = HeldOutRows(
            task=task, outputs=outputs, targets=bench.targets.take(rows), features=features[rows] if arrays else None,
            facts={}, table=table.take(rows), unusable=(0, len(rows)),
        )  # fmt: skip
        reference = learned_reference(held, arrays, generator(SEED, "monitor"))
    return Postprocessing(record, {**post.arrays, **arrays, **reference.arrays()})
