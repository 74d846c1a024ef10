"""An adapted head made ready to ship: calibrated, with the answers that held-out source rows allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core.errors import DataError
from headstart.core.learning import Fitted, Floats, Targets, Task
from headstart.core.resources import one_blas_thread
from headstart.core.seeding import generator
from headstart.core.table import Table
from headstart.monitoring.learned import HeldOutRows, learned_reference
from headstart.postprocessing.choosing import HeldOut, choose_answers, choose_calibration
from headstart.postprocessing.domain import learned_domain
from headstart.postprocessing.folding import folded
from headstart.postprocessing.postprocessing import Postprocessing

if TYPE_CHECKING:
    from headstart.adaptation.contract import Adapted, Solver
    from headstart.adaptation.trying import Parts
    from headstart.monitoring.reference import Reference

WANTED_ACCURACY = 0.95
NOT_THERE = "the run's own data are not there, so nothing could be held out"
BEYOND = "the run's own examples are too far from the new ones to say how sure such a head may be"


@dataclass(frozen=True)
class Shipped:
    """What goes into the bundle.

    Attributes:
        fitted: The head.
        task: With decisions settled on this head's outputs.
        postprocessing: Behind the head.
        facts: Of the answers, as a fit has them.
        held_outputs: ``(h, K)`` calibrated, of source rows held out; None where there are none.
        held_targets: Of those.
    """

    fitted: Fitted
    task: Task
    postprocessing: Postprocessing
    facts: dict[str, Any]
    held_outputs: Floats | None = None
    held_targets: Targets | None = None

    def outputs(self, solver: Solver, features: Any) -> Floats:
        """``(n, K)`` calibrated."""
        return self.postprocessing.outputs(solver.outputs(self.fitted, features), "class")


def with_new_head(final: Adapted, tried: Adapted, parts: Parts, task: Task) -> Shipped:
    """A head that was solved again.

    Args:
        final: Solved with all source rows.
        tried: The same adapter without the held-out ones.
        parts: With the held-out ones.
        task: Of the run.
    """
    assert final.fitted is not None and tried.fitted is not None  # noqa: S101 - it was solved
    held = parts.held
    outputs = parts.solver.outputs(tried.fitted, tried.carried(held))
    return with_answers(final.fitted, HeldOut(held.targets, outputs, held.groups, "apart"), task, parts.seed)


def with_answers(fitted: Fitted, seen: HeldOut, task: Task, seed: int) -> Shipped:
    """A head with a calibration and answers from rows that it, or one like it, did not learn from."""
    calibration = choose_calibration(seen, generator(seed, "calibration"))
    settled = task.settle(seen.targets, calibration.outputs)
    found = choose_answers(seen, calibration, settled, WANTED_ACCURACY, by_class=settled.primary == "macro_f1")
    post = found.postprocessing
    if calibration.name != "none" and (whole := folded(fitted, post, seen.targets.kind)) is not None:
        fitted = whole
        post = Postprocessing(post.record.model_copy(update={"calibrator": "none"}), {})
    return Shipped(fitted, settled, post, dict(found.facts), calibration.outputs, seen.targets)


def uncalibrated(fitted: Fitted, task: Task, why: str) -> Shipped:
    """A head for which no row is held out: no calibration, no sets, no word on when not to answer."""
    return Shipped(fitted, task, Postprocessing(), {"why_not": why})


def with_shift(head: Fitted, post: Postprocessing, task: Task, shift: Floats, facts: dict[str, Any]) -> Shipped:
    """The head as it was, its calibrated outputs moved by ``shift`` ``(K,)``.

    Raises:
        DataError: a calibrator stands behind the head that cannot be followed by another map.
    """
    moves = Postprocessing.of_calibrator("vector", {"scale": np.ones(len(shift)), "shift": np.asarray(shift)})
    if post.record.calibrator != "none":
        raise DataError(f"the outputs are calibrated by {post.record.calibrator}, behind which nothing can be added")
    whole = folded(head, moves, "class")
    if whole is not None:
        return Shipped(replace(whole, spec=dict(head.spec)), task, post, facts)
    record = post.record.model_copy(update={"calibrator": "vector"})
    return Shipped(head, task, Postprocessing(record, {**post.arrays, **moves.arrays}), facts)


def with_looks(shipped: Shipped, features: Any, outputs: Floats, table: Table, seed: int) -> Shipped:
    """With what the target domain looks like, so that its examples are no strangers.

    Args:
        shipped: The head.
        features: ``(m, D)`` of the target.
        outputs: ``(m, K)`` of them.
        table: Their plain columns.
        seed: Of the folds.
    """
    post, said = shipped.postprocessing, outputs.argmax(axis=1).astype(np.int64)
    targets = Targets(said, shipped.task.kind, outputs.shape[1])
    own = {name: array for name, array in post.arrays.items() if name.startswith("calibrator.")}
    with one_blas_thread():
        arrays, facts = learned_domain(
            features, targets, np.arange(len(targets)), None, generator(seed, "domain of the target")
        )
    record = post.record.model_copy(update={"out_of_domain": facts["measure"] if arrays else None})
    reference = _reference(shipped, features, outputs, arrays, table, generator(seed, "monitor of the target"))
    post = Postprocessing(record, {**own, **arrays, **reference.arrays()})
    return replace(shipped, postprocessing=post, facts={**shipped.facts, "domain": facts})


def _reference(
    shipped: Shipped, features: Any, outputs: Floats, domain: Mapping[str, Any], table: Table, rng: np.random.Generator
) -> Reference:
    """What a monitor holds against: looks and answers of the target, and what is right of held-out source rows."""
    said = Targets(outputs.argmax(axis=1).astype(np.int64), shipped.task.kind, outputs.shape[1])
    rows = HeldOutRows(
        task=shipped.task, outputs=outputs, targets=said, features=features if domain else None, facts={}, table=table,
        unusable=(0, len(said)),
    )  # fmt: skip
    with one_blas_thread():
        found = learned_reference(rows, domain, rng)
        if shipped.held_outputs is None or shipped.held_targets is None:
            return learned_reference(replace(rows, outputs=None, targets=said.take(np.zeros(0, np.int64))), domain, rng)
        held = replace(rows, outputs=shipped.held_outputs, targets=shipped.held_targets, features=None, table=Table())
        right = learned_reference(held, {}, rng)
    return replace(found, confusion=right.confusion, sureness=right.sureness, sure_variance=right.sure_variance)
