"""From two domains to a run whose network was trained for the new one."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.api.adaptation_result import Adaptation
from headstart.api.network_of_run import RunNetwork, network_of_run
from headstart.api.new_features import Decided, InNewFeatures, linear_solver
from headstart.api.training_told import ToldTraining
from headstart.core.resources import cache_folder

if TYPE_CHECKING:
    from headstart.adaptation.contract import Solver
    from headstart.adaptation.shipping import Shipped
    from headstart.adaptation.train_adapter import DomainRows, TrainerRequest
    from headstart.adaptation.trying import Parts, Tried
    from headstart.api.adaptation_measured import Measured
    from headstart.api.two_domains import Given, SourceRows
    from headstart.core.learning import Floats
    from headstart.core.progress import Progress
    from headstart.engine.activations.store import Store

SEED = 0
PARITY_EXAMPLES = 32


def trained_for(
    given: Given,
    asked: TrainerRequest,
    measured: Measured | None,
    place: Path | None,
    threads: int | None,
    progress: Progress,
) -> Adaptation:
    """Train by one method, measure what it changes, write.

    Raises:
        DataError: the model has no network that can be trained, or the training diverged.
    """
    from headstart.adaptation.trying import parts_of
    from headstart.api.adaptation_solver import solver_for
    from headstart.api.trained_alone import trained_alone
    from headstart.engine.activations.store import Store

    run, solver = network_of_run(given, threads), solver_for(given)
    if given.source is None:
        listener = ToldTraining(progress, asked.name, "loss against the run's own answers")
        with Store.open(cache_folder() / "activations") as store:
            alone = trained_alone(given, run, asked, measured, store, progress, listener)
        return in_new_features(given, run, solver, asked.name, alone, measured, place)
    parts = parts_of(given.domains, solver, SEED)
    with Store.open(cache_folder() / "activations") as store:
        new = _trained(given, given.source, run, solver, parts, asked, measured, store, progress)
    return in_new_features(given, run, solver, asked.name, new, measured, place)


def in_new_features(
    given: Given,
    run: RunNetwork,
    solver: Solver,
    name: str,
    new: InNewFeatures,
    measured: Measured | None,
    place: Path | None,
    decided: Decided | None = None,
) -> Adaptation:
    """Measure what a changed network changes, and write; without ``decided`` it was asked for."""
    from headstart.adaptation.choosing import Choice
    from headstart.adaptation.trying import SOURCE_ONLY, Tried
    from headstart.api.adaptation_evidence import evidence_of
    from headstart.api.adaptation_map import map_of_networks
    from headstart.api.adaptation_measured import measured_section

    final, linear = _shipped(given, new), new.linear
    outputs = final.outputs(linear, new.target)
    if decided is None:
        before = Tried(SOURCE_ONLY, given.domains.start, {}, 0.0, given.predictor.outputs_of)
        found = [before, _as_tried(name, new, outputs, partial(final.outputs, linear))]
        decided = Decided(found, {}, Choice(name, f"{name} was asked for."))
    evidence = evidence_of(given, decided.found, decided.left_out, decided.choice, final, outputs, linear, new.test)
    evidence["training"] = {name: dict(new.report)}
    evidence["adaptation"]["map"] = map_of_networks(given, new.held, new.target, final.task, outputs)
    if measured is not None and new.evaluation is not None:
        ships = final.outputs(linear, new.evaluation)
        evidence["adaptation"]["labels"] = measured_section(
            measured,
            [each for each in decided.found if each.name != name],
            given.predictor.outputs_of(measured.features),
            ships,
            solver,
            given.shipped.task(),
            final_task=final.task,
        )
    if place is not None:
        _write(place, given, run, new, evidence, final, outputs)
    return Adaptation(evidence, place)


def _trained(
    given: Given,
    source: SourceRows,
    run: RunNetwork,
    solver: Solver,
    parts: Parts,
    asked: TrainerRequest,
    measured: Measured | None,
    store: Store,
    progress: Progress,
) -> InNewFeatures:
    """Train, and see all examples again through the trained network."""
    from headstart.adaptation.solved_again import solved_again
    from headstart.adaptation.train_adapter import solves_head, train_adapter
    from headstart.adaptation.trying import held_out_rows
    from headstart.methods.threads import torch_threads

    assert given.domains.source is not None  # noqa: S101 - asked where there is a source
    held = held_out_rows(given.domains.source, SEED)
    config = asked.config()
    rows = _rows(given, source, run, held, _head(given, solver, parts), config.augmentation, store)
    began = time.perf_counter()
    progress.step("train", 0)
    with torch_threads(run.threads):  # whatever ran before in this process: it moves the last bits
        found, setup = train_adapter(asked, rows, ToldTraining(progress, asked.name))
    seconds = time.perf_counter() - began
    labelled = [] if measured is None else [measured.dataset]
    datasets = [source.dataset, given.aim.dataset, source.test, *labelled]
    ours, theirs, test, *others = run.features(found.backbone, datasets, store, progress)
    seen, fitted, tried = _seen_again(parts, held, ours, theirs), found.fitted, None
    if solves_head(asked.name):
        fitted, tried = solved_again(seen, ours, held, given.domains.source, found.fitted)
    report = {**found.report, "settings": setup.settings, "predicted": setup.predicted, "seconds": round(seconds, 3)}
    report.pop("timings")
    return InNewFeatures(found.backbone, fitted, report, seen, test, others[0] if others else None, seconds, tried)


def _rows(
    given: Given,
    source: SourceRows,
    run: RunNetwork,
    held: NDArray[np.bool_],
    head: Any,
    augmentation: str,
    store: Store,
) -> DomainRows:
    from headstart.adaptation.train_adapter import DomainRows
    from headstart.engine.activations.store import DEFAULT_LIMIT_BYTES

    datasets, n = [source.dataset, given.aim.dataset], len(held)
    train, val = np.flatnonzero(~held), np.flatnonzero(held)
    return DomainRows(
        feed=run.feed(datasets, store, augmentation), train=train, val=val, target=n + np.arange(len(given.aim.ids)),
        train_targets=source.targets.take(train), val_targets=source.targets.take(val), task=given.shipped.task(),
        head=head, lengths=run.lengths(datasets), cache_bytes=DEFAULT_LIMIT_BYTES, seed=SEED,
    )  # fmt: skip


def _head(given: Given, solver: Solver, parts: Parts) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The run's own where it saw none of the held-out rows, as after a training; else solved without them.

    Weight ``(K, D)`` and bias ``(K,)``.
    """
    from headstart.adaptation.solver import PenaltySolver
    from headstart.methods.probe_config import LinearProbeConfig

    if given.is_linear and given.shipped.manifest.method.get("trained"):
        fitted = given.domains.head
    else:
        source = parts.domains.source
        assert source is not None  # noqa: S101 - parts were made of it
        linear = solver if isinstance(solver, PenaltySolver) else PenaltySolver(LinearProbeConfig().fallback)
        fitted = linear.fit(source.features, source.targets)
    return fitted.arrays["weight"].astype(np.float64), fitted.arrays["bias"].astype(np.float64)


def _seen_again(parts: Parts, held: NDArray[np.bool_], ours: Any, theirs: Any) -> Parts:
    """The same rows in the features of the trained network, whose head is linear."""
    from headstart.adaptation.domains import Unlabeled

    source = parts.domains.source
    assert source is not None  # noqa: S101 - parts were made of it
    domains = replace(parts.domains, source=replace(source, features=ours[~held]), target=Unlabeled(theirs))
    return replace(
        parts, domains=domains, held=replace(parts.held, features=ours[held]),
        solver=linear_solver(),
    )  # fmt: skip


def _shipped(given: Given, new: InNewFeatures) -> Shipped:
    """The trained head with its calibration and answers from held-out source rows, and the looks of the target."""
    from headstart.adaptation.contract import Adapted
    from headstart.adaptation.shipping import NOT_THERE, uncalibrated, with_looks, with_new_head

    task = given.shipped.task()
    if new.parts is None:
        found = uncalibrated(new.fitted, task, NOT_THERE)
    else:
        found = with_new_head(Adapted(new.fitted), Adapted(new.tried or new.fitted), new.parts, task)
    outputs = found.outputs(new.linear, new.target)
    return with_looks(found, new.target, outputs, given.aim.dataset.table, SEED)


def _as_tried(name: str, new: InNewFeatures, outputs: Floats, predict: Any) -> Tried:
    from headstart.adaptation.trying import Tried

    kept = ("start", "end", "messages", "boundary", "lr")
    told = {key: new.report[key] for key in kept if key in new.report}
    if "settings" in new.report:
        told["epochs"] = new.report["settings"]["epochs"]
    return Tried(name, outputs, {}, new.seconds, predict, told)


def _write(
    place: Path,
    given: Given,
    run: RunNetwork,
    new: InNewFeatures,
    evidence: dict[str, Any],
    final: Shipped,
    outputs: Floats,
) -> None:
    """evidence.json, what is said of the new domain, the bundle with the trained network, and the page."""
    from headstart import bundle
    from headstart.api.adaptation_files import write_page
    from headstart.bundle.prediction_table import write_table
    from headstart.core.run_folder import RunFolder
    from headstart.postprocessing.answers import Answers

    folder, schema = RunFolder(place), given.shipped.schema
    domain_p = final.postprocessing.domain_p(new.target) if final.postprocessing.judges_domain else None
    said = Answers(final.task, final.postprocessing).said(outputs, domain_p)
    write_table(place / "predictions" / "target.parquet", {"id": list(given.aim.ids), **said})
    some = np.arange(min(PARITY_EXAMPLES, len(given.aim.ids)))
    written = bundle.write(
        folder.bundle,
        sources=[run.written(new.backbone, given.aim.dataset.take(some), schema.parts[run.part])],
        fitted=final.fitted,
        task_dict=final.task.to_dict(),
        input_schema=schema,
        evidence=evidence,
        features=new.target[some],
        postprocessing=final.postprocessing,
    )
    evidence |= written.evidence()
    folder.write_evidence(evidence)
    write_page(folder, given, evidence)
