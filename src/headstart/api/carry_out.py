"""A fit, step by step: each step takes what the one before gave and leaves its files in the run folder."""

from __future__ import annotations

import contextlib
import logging
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.api.candidates import FOLDS, Learning, method_named, solve_candidates
from headstart.api.features import compute_features, missing_features
from headstart.api.finish import Outcome, finish
from headstart.api.fit_config import FitConfig
from headstart.api.job import Job
from headstart.api.network_in_pass import Workshop, require_runnable
from headstart.api.networks import ModelOptions, Networks, find_networks
from headstart.api.plan import make_plan
from headstart.api.precision import in_float32, refusal
from headstart.api.results import Plan, Run
from headstart.api.splitting import Split, make_split, require_given_split
from headstart.core import plugins
from headstart.core.errors import ConfigError, DataError, LeakError, RunInterrupted
from headstart.core.files import write_json, write_text
from headstart.core.learning import Floats, SolveMethod, Targets, Task
from headstart.core.progress import Progress
from headstart.core.resources import MIB, cache_folder, cpu_count, require_space
from headstart.core.run_folder import RunFolder
from headstart.core.seeding import generator
from headstart.data.duplicates import near_duplicate_groups
from headstart.data.read import Reading, read
from headstart.data.sealed import SealedTargets, seal
from headstart.data.splits import folds
from headstart.evidence.contender import Contender
from headstart.evidence.cost import Stopwatch
from headstart.evidence.guard import Choice, guard, obeyed
from headstart.tasks.choose import choose_task

if TYPE_CHECKING:
    from headstart.api.features import Features
    from headstart.data.dataset import Dataset, LabeledDataset
    from headstart.engine.activations.store import Store

logger = logging.getLogger(__name__)

RUN_BYTES = 64 * MIB  # a bundle, a report and records
PRIMARY_REASONS = {
    "accuracy": "no class is rare",
    "macro_f1": "a class is rare, so accuracy would hardly notice it",
}
UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def carry_out(
    job: Job,
    sources: tuple[Any, Any],
    watch: Stopwatch,
    progress: Progress,
    on_plan: Callable[[Plan], None] | None,
    *,
    dry_run: bool,
) -> Run | Plan:
    """Do what the job asks, in a folder that is either finished, resumable, or gone."""
    request = job.request
    progress.step("read", 0)
    method_name, method = method_named(request.method)
    require_runnable(request.runtime, request.device)
    if request.task != "auto":
        plugins.load("tasks", request.task)  # a wrong name is told before the work, not after it
    networks = find_networks(ModelOptions.parse(request.model, "model"))
    reading = _read(request, sources)
    require_given_split(reading.dataset, resplit=request.resplit)
    with _workshop(request, dry_run) as workshop:
        missing = missing_features(reading.dataset, networks, workshop)
        plan = Plan(make_plan(request, reading, networks, missing, method_name))
        if on_plan:
            on_plan(plan)
        if dry_run:
            return plan
        with _run_folder(job, workshop, len(reading.dataset) * networks.card.feature_dim * 4 * 3):
            write_json(job.folder.plan, dict(plan.document))
            solved = _solved(job, reading, networks, workshop, method_name, method, progress)
            if reason := refusal(solved.learning, networks, workshop, solved.contenders[0], method):
                logger.warning("features are computed again in float32: %s", reason)
                exact = in_float32(solved.learning.features.runtime)
                job.folder.decide("runtime/backbone", exact.model_dump(mode="json"), exact.reason)
                solved = _solved(job, reading, networks, workshop, method_name, method, progress)
            choice = _choose(request, solved.task, solved.learning, solved.contenders)
            _write_choice(job.folder, request, networks, solved, workshop, choice, method_name)
            outcome = Outcome(
                solved.task, solved.learning, solved.contenders, choice, solved.parts.split, solved.parts.sealed,
                solved.reading, networks, workshop, method,
            )  # fmt: skip
            finish(job, outcome, watch, progress)
    return Run(job.folder.path, job.folder.read_evidence())


@dataclass(frozen=True)
class Solved:
    """What is known when every candidate is solved."""

    task: Task
    learning: Learning
    contenders: list[Contender]
    parts: Parts
    reading: Reading


def _solved(
    job: Job,
    reading: Reading,
    networks: Networks,
    workshop: Workshop,
    method_name: str,
    method: SolveMethod,
    progress: Progress,
) -> Solved:
    request = job.request
    features = compute_features(
        reading.dataset, networks, workshop, job.folder, resplit=request.resplit, progress=progress
    )
    reading = reading.without(features.failures, request.allow_bad)
    parts = _part(reading.dataset, workshop.store, features, request)
    task, reason = choose_task(parts.train.targets, request.task)
    job.folder.decide("task", task.name, reason)
    job.folder.decide("primary metric", task.primary, PRIMARY_REASONS[task.primary])
    learning = _learning(task, parts, workshop.store, features, request)
    progress.step("solve", 0)
    contenders = solve_candidates(learning, networks, method_name, method)
    return Solved(task, learning, contenders, parts, reading)


def _read(request: FitConfig, sources: tuple[Any, Any]) -> Reading:
    data, test = sources
    return read(
        data,
        target=request.target,
        input=request.input,
        test=test,
        groups=request.groups,
        slices=request.slices,
        allow_bad=request.allow_bad,
        workers=_threads(request),
    )


def _threads(request: FitConfig) -> int:
    return cpu_count() if request.threads == "auto" else request.threads


@contextlib.contextmanager
def _workshop(request: FitConfig, dry_run: bool) -> Iterator[Workshop]:
    from headstart.engine.activations.store import Store

    cache = cache_folder() if request.cache == "on" else None
    limit = parse_size(request.cache_size)
    root = cache / "activations" if cache else None
    if dry_run and root and not root.exists():
        root = None  # a dry run does not even leave an empty folder
    with Store.open(root, limit) as store:
        threads = _threads(request)
        device = "cpu" if request.device == "mps" else request.device  # no runtime uses it yet, so the processor does
        yield Workshop(store, cache or store.root, threads, device, request.runtime)


def parse_size(text: str) -> int:
    """Bytes of a size such as ``10GiB``, ``500 MB`` (taken as MiB) or ``1048576``."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*", text.lower())
    if not match:
        raise ConfigError(f"--cache-size must be a number with a unit, for example 10GiB; got {text!r}.")
    return int(float(match[1]) * UNITS[match[2]])


@contextlib.contextmanager
def _run_folder(job: Job, workshop: Workshop, feature_bytes: int) -> Iterator[None]:
    """Hold the folder, log into it; after an error in the data or options nothing is left that was not there before."""
    folder = job.folder
    place = folder.path.absolute()
    was_started, made = folder.is_started, [path for path in (place, *place.parents) if not path.exists()]
    require_space(folder.path, RUN_BYTES, "The run folder")
    require_space(workshop.cache, feature_bytes, "The kept activations")
    try:
        with job.held(), _logged(folder):
            job.begin()
            yield
    except (DataError, ConfigError, LeakError):
        if not was_started:
            _empty(place)
            with contextlib.suppress(OSError):  # another run was put there in the meantime
                for path in made:
                    path.rmdir()
        raise
    except KeyboardInterrupt:
        raise RunInterrupted(folder.path) from None


def _empty(folder: Path) -> None:
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def _logged(folder: RunFolder) -> Iterator[None]:
    """Everything the library logs goes to run.log too."""
    handler = logging.FileHandler(folder.log, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    package = logging.getLogger("headstart")
    level = package.level
    package.addHandler(handler)
    package.setLevel(logging.INFO if level == logging.NOTSET else min(level, logging.INFO))
    try:
        yield
    finally:
        package.removeHandler(handler)
        package.setLevel(level)
        handler.close()


@dataclass(frozen=True)
class Parts:
    """The data, parted: what may be learned from, the test inputs, and the test targets under seal."""

    split: Split
    train: LabeledDataset
    test: Dataset
    sealed: SealedTargets
    groups: NDArray[np.int64]


def _part(dataset: LabeledDataset, store: Store, features: Features, request: FitConfig) -> Parts:
    duplicates = near_duplicate_groups(dataset.keys, store.read(features.fingerprint, dataset.keys))
    split = make_split(dataset, duplicates, resplit=request.resplit, seed=request.seed)
    train, test, sealed = seal(dataset, split.train, split.test)
    return Parts(split, train, test, sealed, split.groups[split.train])


def _learning(task: Task, parts: Parts, store: Store, features: Features, request: FitConfig) -> Learning:
    targets = task.encode(parts.train.targets)
    fold = folds(targets.values, parts.groups, FOLDS, generator(request.seed, "folds"))
    weights = class_weights(targets) if _is_balanced(request, task) else None
    return Learning(parts.train, parts.test, targets, fold, weights, store, features, request.seed)


def _is_balanced(request: FitConfig, task: Task) -> bool:
    return request.balance == "loss" or (request.balance == "auto" and task.primary == "macro_f1")


def class_weights(targets: Targets) -> Floats:
    """``(N,)`` weights with mean 1 under which every class that occurs has the same total."""
    counts = np.bincount(targets.values, minlength=targets.width)
    present = int((counts > 0).sum())
    return np.asarray(len(targets.values) / (present * counts[targets.values]), np.float64)


def _choose(request: FitConfig, task: Task, learning: Learning, contenders: Sequence[Contender]) -> Choice:
    is_guarded = request.method["name"] == "auto" if request.guard == "auto" else request.guard
    return (guard if is_guarded else obeyed)(task, learning.targets, contenders)


def _write_choice(
    folder: RunFolder,
    request: FitConfig,
    networks: Networks,
    solved: Solved,
    workshop: Workshop,
    choice: Choice,
    method_name: str,
) -> None:
    """decisions.jsonl and config.yaml: from here on the test targets may be read."""
    folder.decide("choice", choice.to_dict(), choice.why)
    task, features = solved.task, solved.learning.features
    model = {**request.model, "name": networks.card.name if request.model["name"] == "auto" else request.model["name"]}
    model["sha256"] = networks.backbone.card.sha256
    runtimes = {"backbone": features.runtime, "twin": features.twin_runtime}
    resolved = request.model_copy(
        update={
            "task": task.name,
            "model": {**model, "resize": networks.card.preprocessing.resize},
            "method": {**request.method, "name": method_name},
            "guard": request.method["name"] == "auto" if request.guard == "auto" else request.guard,
            "balance": "loss" if _is_balanced(request, task) else "none",
            "device": "cuda" if "cuda" in features.runtime.name else "cpu",
            "threads": workshop.threads,
            "runtime": {
                "name": features.runtime.name,
                **{role: chosen.model_dump(mode="json") for role, chosen in runtimes.items()},
            },
        }
    )
    write_text(folder.config, resolved.yaml())
