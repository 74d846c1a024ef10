"""Labelled examples of the new domain, for evaluation alone: every way that was tried, and the head that they teach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.api.adaptation_by_class import by_class
from headstart.api.adaptation_map import answered
from headstart.api.adaptation_setting import CLOSED, OPEN
from headstart.api.two_domains import features_of
from headstart.core.errors import DataError
from headstart.core.resources import cpu_count
from headstart.core.seeding import generator
from headstart.evaluation.parting import parted

if TYPE_CHECKING:
    from headstart.adaptation.contract import Solver
    from headstart.adaptation.trying import Tried
    from headstart.api.two_domains import Given
    from headstart.core.learning import Floats, Targets, Task
    from headstart.core.progress import Progress
    from headstart.data.dataset import LabeledDataset

SEED, FOLDS = 0, 5
FEWEST, SHOWN = 20, 3
RUN, SOURCE_ONLY, SHIPS, ORACLE = "run", "source_only", "ships", "target_labels"


@dataclass(frozen=True)
class Measured:
    """Labelled examples of the new domain.

    Attributes:
        features: ``(n, D)``.
        targets: Of them.
        shared: How many of them are among the examples that were adapted to.
        dataset: The examples themselves, for a network that sees them otherwise.
        strangers: ``(u, D)`` of labelled examples of no class of the model; None: there are none.
    """

    features: Any
    targets: Targets
    shared: int
    dataset: LabeledDataset
    strangers: Any = None


def measured_on(
    data: Any,
    target: str | None,
    input: Any,
    given: Given,
    *,
    threads: int | None,
    progress: Progress,
    setting: str = CLOSED,
) -> Measured:
    """Read labelled examples.

    Raises:
        DataError: fewer than FEWEST, or a class that the model does not know.
    """
    from headstart.data.read import read

    shipped = given.shipped
    reading = read(
        data, schema=shipped.schema, target=target, input=input, to_learn=False, workers=threads or cpu_count()
    )
    dataset = reading.dataset
    known = is_known(dataset.targets, shipped.class_names, setting)
    others, dataset = dataset.take(~known), dataset.take(known)
    targets = shipped.task().encode(dataset.targets)
    progress.step("features of the labelled", len(dataset))
    rows, features = features_of(shipped, given.predictor, dataset, threads, progress)
    if len(rows) < FEWEST:
        raise DataError(
            f"--evaluate must hold at least {FEWEST} labelled examples; {len(rows)} can be used. Label more."
        )
    strangers = features_of(shipped, given.predictor, others, threads, progress)[1] if len(others) else None
    adapted = {key.tobytes() for key in given.aim.dataset.keys}
    shared = sum(key.tobytes() in adapted for key in dataset.keys[rows])
    return Measured(features, targets.take(rows), shared, dataset.take(rows), strangers)


def is_known(
    targets: NDArray[Any], class_names: tuple[str, ...], setting: str, option: str = "--evaluate"
) -> NDArray[np.bool_]:
    """``(n,)``: which labelled examples are of a class of the model.

    Raises:
        DataError: some are not, and the setting is not the open one.
    """
    known = np.isin(np.array([str(each) for each in targets], dtype=object), list(class_names))
    if not known.all() and setting != OPEN:
        others = sorted({str(each) for each in targets[~known]})
        told = ", ".join(others[:SHOWN]) + (f" and {len(others) - SHOWN} more" if len(others) > SHOWN else "")
        raise DataError(
            f"{option} must hold classes of the model; got {told} besides. If the new domain has classes that were "
            "never learned, say so with --setting open: they count as unknown."
        )
    return np.asarray(known)


def measured_section(
    measured: Measured,
    found: Sequence[Tried],
    run: Floats,
    final: Floats | None,
    solver: Solver,
    task: Task,
    others: Mapping[str, Floats] | None = None,
    final_task: Task | None = None,
) -> dict[str, Any]:
    """The primary metric of each way with its interval, and the paired difference to the model as it is; by class too.

    Args:
        measured: The labelled examples.
        found: The model as it is first.
        run: ``(n, K)`` of the model as it is.
        final: ``(n, K)`` of what ships; None: nothing.
        solver: Of heads, for the one that the labels teach, held out in folds.
        task: Of the run.
        others: ``(n, K)`` of ways with features of their own.
        final_task: Of what ships, which may decide otherwise; None: as the run.
    """
    shipped_task = final_task or task
    outputs = {RUN: run, **{each.name: each.predict(measured.features) for each in found}, **(others or {})}
    if np.array_equal(outputs[SOURCE_ONLY], run):
        del outputs[SOURCE_ONLY]
    if final is not None:
        outputs[SHIPS] = final
    outputs[ORACLE] = _oracle(measured, solver)
    base, primary = run, task.primary
    rows = []
    for name, each in outputs.items():
        decides = shipped_task if name == SHIPS else task
        compared = decides.compare(measured.targets, each, base, SEED, task)
        metric = decides.metrics(measured.targets, each, SEED)[primary]
        row = {"name": name, "value": metric, "difference": None if each is base else compared["difference"]}
        rows.append(row)
    n = len(measured.targets)
    note = (
        f"{n:,} labelled examples of the new domain, {measured.shared:,} of them among those that were adapted to. "
        "They chose nothing. Ways are tried without the fifth of the run's examples that is held out, what ships has "
        "learned from it. The last row is a head that their labels teach, each example held out: about the most "
        "there is to gain."
    )
    names = [str(name) for name in task.class_names]
    after = None if final is None else answered(shipped_task, final, names)
    told = by_class(measured.targets.values, answered(task, run, names), after, names)
    return {"n": n, "primary": primary, "note": note, "methods": rows, "by_class": told}


def _oracle(measured: Measured, solver: Solver) -> Floats:
    """``(n, K)`` of heads solved with the labels, each example held out from its own."""
    targets = measured.targets
    folds = parted(targets.values, None, FOLDS, generator(SEED, "adaptation oracle"))
    outputs = np.zeros((len(targets), targets.width))
    for fold in np.unique(folds):
        held = folds == fold
        fitted = solver.fit(measured.features[~held], targets.take(~held))
        outputs[held] = solver.outputs(fitted, measured.features[held])
    return outputs
