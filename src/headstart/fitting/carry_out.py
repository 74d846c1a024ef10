"""A fit, step by step: each step takes what the one before gave and leaves its files in the run folder."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.auditing.fit_audit import audited
from headstart.core import plugins
from headstart.core.files import write_json, write_text
from headstart.core.learning import Task
from headstart.core.progress import Progress
from headstart.data.pairs import separated
from headstart.data.read import Reading
from headstart.evidence.cost import Stopwatch
from headstart.evidence.guard import Choice
from headstart.features.compute import compute_features, missing_features
from headstart.features.model_names import named_models, with_names
from headstart.features.network_in_pass import Workshop, require_runnable
from headstart.features.networks import ModelOptions, Networks, find_networks, named_card
from headstart.features.reading import read_sources
from headstart.features.workshop import open_workshop
from headstart.fitting.finish import finish
from headstart.fitting.outcome import Outcome
from headstart.fitting.plan import make_plan
from headstart.fitting.resolved import guarded, resolved_config
from headstart.inspection.audit import require_known
from headstart.racing.beside import require_beside, with_those_beside
from headstart.racing.combined import trained_together
from headstart.racing.race_of_a_fit import race_of, require_race, update_plan
from headstart.ranking.copies import copies_in
from headstart.ranking.network_choice import NetworkChoice, choose_network, with_choice
from headstart.ranking.network_field import field_of
from headstart.ranking.network_plan import with_comparison, with_result
from headstart.request.fit_config import FitConfig
from headstart.request.holding import held_folder
from headstart.request.job import Job
from headstart.request.train_request import (
    compared,
    is_raced,
    is_tuned_alone,
    require_combinable,
    train_request,
)
from headstart.solving.candidates import Ingredients, candidates_of, method_named, solves
from headstart.solving.meaning import Meaning, meaning_of
from headstart.solving.parting import Parts, folds_of, parted, weights_of
from headstart.solving.precision import in_float32, refusal
from headstart.solving.solve import Learning, solve_all
from headstart.solving.splitting import require_given_split
from headstart.solving.trials import choose, with_trials
from headstart.solving.work import Solved, Work
from headstart.tasks.choose import configured
from headstart.training.closing import MINUTE
from headstart.training.training import AFTERWARDS, require_stages, trained

if TYPE_CHECKING:
    from headstart.data.dataset import LabeledDataset
    from headstart.features.compute import Features
    from headstart.runtimes.choice import RuntimeChoice

logger = logging.getLogger(__name__)


def carry_out(
    job: Job,
    sources: tuple[Any, Any],
    watch: Stopwatch,
    progress: Progress,
    on_plan: Callable[[dict[str, Any]], None],
    *,
    dry_run: bool,
    leader: Path | None = None,
) -> None:
    """Do what the job asks, in a folder that is either finished, resumable, or gone.

    ``on_plan`` is told plan.json before anything is computed; a dry run ends there. ``leader`` is the run folder of
    another process that does all of it, while this one only helps to train.
    """
    request = job.request
    progress.step("read", 0)
    asked = train_request(request.method)
    compared(request.compare, asked)  # a wrong name is told before the work, not after it
    require_combinable(request)
    method_name, method = method_named({"name": "auto"} if asked else request.method)
    require_beside(request.beside, method_name)
    require_known(request.accept)
    require_runnable(request.runtime, request.device)
    if not dry_run:
        require_race(request)
    if request.task != "auto":
        plugins.load("tasks", request.task)  # a wrong name is told before the work, not after it
    models = named_models(ModelOptions.parse(request.model, "model"))
    cards = [named_card(each) for each in models]
    reading = read_sources(request, sources)
    if models[0].pair == "separate":
        reading = replace(reading, dataset=separated(reading.dataset))
    require_given_split(reading.dataset, resplit=request.resplit, accepted=request.accept)
    meaning = meaning_of(reading.dataset, request.task, resplit=request.resplit)
    competing = field_of(models, reading.dataset, request)
    networks = competing.first if competing else find_networks(models[0], cards[0], reading.dataset.schema)
    if asked:
        for each in competing.each if competing else [networks]:
            require_stages(asked, each)
    with open_workshop(request, dry_run) as workshop:
        told = _with_note(reading, meaning)
        document = _plan(request, told, networks, workshop, method_name, meaning)
        plan = with_comparison(document, competing, reading.dataset) if competing else document
        on_plan(plan)
        if dry_run:
            return
        with held_folder(job, workshop.cache, _feature_bytes(reading.dataset, networks)):
            write_json(job.folder.plan, plan)
            job.folder.decide("task", meaning.task_name, meaning.reason)
            chosen = NetworkChoice(with_names(request.model, models[0]), networks)
            if competing:
                chosen = choose_network(competing, job, reading, meaning, workshop, progress)
            job, networks = with_choice(job, chosen), chosen.networks
            if competing:
                document = _plan(job.request, told, networks, workshop, method_name, meaning)
                write_json(job.folder.plan, with_result(document, plan, chosen.document))
            work = Work(job, reading, meaning, networks, workshop, method_name, method, asked, leader)
            solved = _solved(work, progress)
            if reason := refusal(solved.learning, workshop, solved.candidates[0], solved.contenders[0]):
                logger.warning("features are computed again in float32: %s", reason)
                for decision, reduced in _decisions(solved.learning.features):
                    exact = in_float32(reduced)
                    job.folder.decide(decision, exact.model_dump(mode="json"), exact.reason)
                solved = _solved(work, progress)
            findings = audited(work, solved, progress)
            solved = _with_trained(work, solved, watch, progress)
            choice = choose(solved, guarded(work), work.method_name)
            _write_choice(work, solved, choice)
            outcome = Outcome(
                solved.learning, solved.candidates, solved.contenders, choice, solved.parts.split,
                solved.parts.sealed, solved.reading, networks, workshop, solved.trials, findings, solved.race,
                chosen.document,
            )  # fmt: skip
            finish(job, outcome, watch, progress)


def _plan(
    request: FitConfig, reading: Reading, networks: Networks, workshop: Workshop, method_name: str, meaning: Meaning
) -> dict[str, Any]:
    missing = missing_features(reading.dataset, networks, workshop)
    described = (meaning.task_name, meaning.description)
    return make_plan(request, reading, networks, missing, method_name, described)


def _with_note(reading: Reading, meaning: Meaning) -> Reading:
    note = f"task: {meaning.task_name}, since {meaning.reason} ({meaning.description})"
    return replace(reading, notes=(*reading.notes, note, *meaning.notes))


def _feature_bytes(dataset: LabeledDataset, networks: Networks) -> int:
    """About what features, twin and descriptors take, 4 bytes a number."""
    return len(dataset) * sum(network.card.feature_dim for network in networks.values()) * 4 * 3


def _decisions(features: Features) -> list[tuple[str, RuntimeChoice]]:
    """Names and values of the runtime decisions of the pretrained networks, as ``NetworkInPass`` writes them."""
    several = len(features.lanes) > 1
    return [
        (f"runtime/backbone/{modality}" if several else "runtime/backbone", lane.runtime)
        for modality, lane in features.lanes.items()
    ]


def _solved(work: Work, progress: Progress) -> Solved:
    request, folder, reading = work.job.request, work.job.folder, work.reading
    features = compute_features(
        reading.dataset, work.networks, work.workshop, folder,
        strata=work.meaning.strata, resplit=request.resplit, progress=progress,
    )  # fmt: skip
    strata = np.delete(work.meaning.strata, sorted(features.failures))
    if features.failures:
        damaged = [{"id": reading.dataset.ids[row], "reason": why} for row, why in sorted(features.failures.items())]
        folder.decide("left out", damaged, "these inputs turned out to be damaged when they were prepared")
    reading = reading.without(features.failures, request.allow_bad)
    duplicates = copies_in(reading.dataset, request, work.networks, features, work.workshop, progress)
    parts = parted(reading.dataset, duplicates, strata, request)
    task = configured(work.meaning.task_name, parts.train.targets)
    folder.decide("primary metric", task.primary, task.primary_reason)
    learning = _learning(task, parts, work.workshop, features, request)
    progress.step("solve", 0)
    given = Ingredients(work.networks, features, work.workshop.store, parts.train, task.kind)
    candidates = candidates_of(given, work.method_name, work.method)
    beside = tuple(name for name in request.beside if solves(name, task.kind))
    candidates = with_those_beside(candidates, beside)
    return Solved(learning, candidates, solve_all(learning, candidates), parts, reading, beside=beside)


def _learning(task: Task, parts: Parts, workshop: Workshop, features: Features, request: FitConfig) -> Learning:
    targets = task.encode(parts.train.targets)
    return Learning(
        parts.train, parts.test, task, targets, parts.strata, folds_of(parts, request.seed),
        weights_of(request, task, targets), workshop.store, features, request.seed,
    )  # fmt: skip


def _with_trained(work: Work, solved: Solved, watch: Stopwatch, progress: Progress) -> Solved:
    """With what is trained: as asked, or by a race in the time that was given, and what it is compared with."""
    request, found = work.job.request, []
    until = math.inf if request.minutes is None else request.minutes * MINUTE
    others = compared(request.compare, work.asked)
    if is_raced(request) or is_tuned_alone(request):
        share = (until - watch.wall_seconds()) / (1 + len(others))  # what is compared needs time too
        solved, trial = race_of(work, solved, progress, share)
        found.append(trial)
        update_plan(work.job.folder, solved.race)
    elif work.asked and request.combine:
        found.append(trained_together(work, solved, progress))
    elif work.asked:
        found.append(trained(work.asked, work, solved, progress))
    for other in others:
        found.append(trained(other, work, solved, progress, until - watch.wall_seconds() - AFTERWARDS))
    return with_trials(solved, [trial for trial in found if trial is not None])


def _write_choice(work: Work, solved: Solved, choice: Choice) -> None:
    """decisions.jsonl and config.yaml: from here on the test targets may be read."""
    folder = work.job.folder
    folder.decide("choice", choice.to_dict(), choice.why)
    write_text(folder.config, resolved_config(work, solved, choice).yaml())
