"""A run whose network has the new domain's statistics in its batch normalisations; nothing is trained."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from headstart.api.adaptation_result import Adaptation
from headstart.api.adapted_by_training import in_new_features
from headstart.api.network_of_run import RunNetwork, has_one_network, network_of_run
from headstart.api.new_features import Decided, InNewFeatures
from headstart.core.errors import DataError
from headstart.core.resources import cache_folder

if TYPE_CHECKING:
    from headstart.adaptation.contract import Solver
    from headstart.adaptation.trying import Parts
    from headstart.api.adaptation_measured import Measured
    from headstart.api.two_domains import Given
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.core.progress import Progress

NAME = "network_statistics"
SEED = 0


@dataclass(frozen=True)
class Moved:
    """The network with the new domain's statistics.

    Attributes:
        run: What computes it.
        backbone: The network.
        target: ``(m, D)`` the new domain as it gives them.
        evaluation: ``(e, D)`` of labelled examples that choose nothing; None: there are none.
        seconds: Moving took.
    """

    run: RunNetwork
    backbone: Backbone
    target: NDArray[np.float32]
    evaluation: NDArray[np.float32] | None
    seconds: float


def moved_for(given: Given, measured: Measured | None, threads: int | None, progress: Progress) -> Moved:
    """Look at both domains, move the statistics, see the new domain again.

    Li and others, 2016, arXiv:1603.04779, with the statistics of a frozen network moved by what differs between the
    domains, see ``adaptation/stream/network.py``.

    Raises:
        DataError: features are not those of one network with batch normalisations, FEWEST examples are not there, or
            the run's data are not. A clause.
    """
    from headstart.adaptation.stream.moving import FEWEST, MOST_SOURCE, MOST_TARGET, move_statistics
    from headstart.adaptation.stream.network import StreamNetwork
    from headstart.bundle.torch_backbone import rebuild
    from headstart.engine.activations.store import Store

    source, shipped = given.source, given.shipped
    if not has_one_network(given):
        raise DataError("it needs a model of one network that sees one picture, text or recording of each example")
    if source is None:
        raise DataError("it needs the data that the run learned from, and they are not there")
    if len(given.aim.ids) < FEWEST:
        raise DataError(f"it needs {FEWEST} examples of the new domain or more, and {len(given.aim.ids)} are there")
    run = _exact(network_of_run(given, threads))
    began = time.perf_counter()
    record = shipped.manifest.networks[shipped.manifest.sources[0].name]
    network = StreamNetwork(rebuild(shipped.folder, record), shipped.fitted())
    if not network.can_move:
        raise DataError(f"it needs a network with batch normalisations, and {record.backbone.name} has none")
    progress.step("look at both domains", min(len(source.dataset), MOST_SOURCE) + min(len(given.aim.ids), MOST_TARGET))
    ours, theirs = (each.parts[run.part].inputs for each in (source.dataset, given.aim.dataset))
    move_statistics(network, run.network.preparer, ours, theirs, progress.advance)
    seconds = time.perf_counter() - began
    backbone = network.backbone.requires_grad_(False).eval()
    others = [] if measured is None else [measured.dataset]
    with Store.open(cache_folder() / "activations") as store:
        seen, *labelled = run.features(backbone, [given.aim.dataset, *others], store, progress)
    return Moved(run, backbone, seen, labelled[0] if labelled else None, seconds)


def settled_as_asked(
    given: Given, measured: Measured | None, place: Path | None, threads: int | None, progress: Progress
) -> Adaptation:
    """Move the statistics and ship, whatever comes of it.

    Raises:
        DataError: it cannot be done here.
    """
    from headstart.adaptation.trying import parts_of
    from headstart.api.adaptation_solver import solver_for

    try:
        moved = moved_for(given, measured, threads, progress)
    except DataError as error:
        raise DataError(f"{NAME} cannot be used here: {error}. Leave --method out, or name another one.") from error
    solver = solver_for(given)
    return settled_for(given, moved, parts_of(given.domains, solver, SEED), solver, measured, place, progress)


def is_worth_moving(parts: Parts) -> bool:
    """Whether the domains can be told apart at all; moving takes a feature pass.

    Where that cannot be judged (a fifth of a few speakers is one or two of them), the guard is to judge.
    """
    from headstart.adaptation.shift.separation import can_judge, dense, told_apart
    from headstart.core.seeding import generator

    if not can_judge(parts.held.groups):
        return True
    held, target = dense(parts.held.features, parts.domains.target.features)
    return told_apart(held, target, parts.held.groups, None, generator(SEED, "worth moving")).is_told_apart


def settled_for(
    given: Given,
    moved: Moved,
    parts: Parts,
    solver: Solver,
    measured: Measured | None,
    place: Path | None,
    progress: Progress,
    decided: Decided | None = None,
) -> Adaptation:
    """Ship the network with moved statistics, and the head that was solved by the network as it was.

    Args:
        given: Both domains.
        moved: The network.
        parts: Source rows in two parts.
        solver: Of heads.
        measured: Labelled examples that choose nothing.
        place: The new run.
        progress: Told of steps.
        decided: What it was chosen among; None: it was asked for.
    """
    from headstart.adaptation.domains import Unlabeled
    from headstart.engine.activations.store import Store

    source, learned = given.source, parts.domains.source
    assert source is not None and learned is not None  # noqa: S101 - moved_for refuses a run without its data
    with Store.open(cache_folder() / "activations") as store:
        (test,) = moved.run.features(moved.backbone, [source.test], store, progress)
    seen = replace(parts, domains=replace(parts.domains, target=Unlabeled(moved.target)))
    fitted = solver.fit(learned.features, learned.targets)
    report = {"seconds": round(moved.seconds, 3)}
    new = InNewFeatures(moved.backbone, fitted, report, seen, test, moved.evaluation, moved.seconds)
    return in_new_features(given, moved.run, solver, NAME, new, measured, place, decided)


def _exact(run: RunNetwork) -> RunNetwork:
    """In float32: moved statistics make some activations large, and bfloat16 would round them too much."""
    from headstart.runtimes.settled import settled

    old = run.runtime
    return replace(run, runtime=settled(old.name, "float32", old.threads, old.batch_size, "moved statistics need it"))
