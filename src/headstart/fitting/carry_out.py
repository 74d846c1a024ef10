"""A fit, step by step: each step takes what the one before gave and leaves its files in the run folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.auditing.fit_audit import audited
from headstart.core.files import write_json, write_text
from headstart.core.progress import Progress
from headstart.evidence.cost import Stopwatch
from headstart.features.compute import missing_features
from headstart.features.model_names import with_names
from headstart.features.networks import Networks
from headstart.features.reading import Sources
from headstart.features.workshop import open_workshop
from headstart.fitting.answered import answered
from headstart.fitting.asked import Asked, asked_for
from headstart.fitting.finish import finish
from headstart.fitting.generalised import generalised
from headstart.fitting.mitigated import mitigated, require_groups
from headstart.fitting.outcome import Outcome
from headstart.fitting.plan import make_plan
from headstart.fitting.resolved import guarded, resolved_config
from headstart.fitting.solved import solved
from headstart.fitting.trained import with_trained
from headstart.fitting.understood import Understood, understood
from headstart.fitting.updated import judged_update
from headstart.ranking.network_choice import NetworkChoice, choose_network, with_choice
from headstart.ranking.network_plan import with_comparison, with_result
from headstart.request.fit_config import FitConfig
from headstart.request.holding import held_folder
from headstart.request.job import Job
from headstart.solving.trials import choose
from headstart.solving.work import Solved, Work

if TYPE_CHECKING:
    from headstart.evidence.guard import Choice
    from headstart.features.network_in_pass import Workshop
    from headstart.updating.joining import Joining


def carry_out(
    job: Job,
    sources: Sources,
    watch: Stopwatch,
    progress: Progress,
    on_plan: Callable[[dict[str, Any]], None],
    *,
    dry_run: bool,
    leader: Path | None = None,
) -> None:
    """Do what the job asks, in a folder that is either finished, resumable, or gone.

    Args:
        job: The request and its folder.
        sources: Data, test data or None, and what was added.
        watch: Running since the user asked.
        progress: Told what is being done.
        on_plan: Told plan.json before anything is computed; a dry run ends there.
        dry_run: Leave nothing.
        leader: The run folder of another process that does all of it, while this one only helps to train.
    """
    progress.step("read", 0)
    asked = asked_for(job.request, dry_run=dry_run)
    known = understood(job.request, asked, sources)
    with open_workshop(job.request, dry_run) as workshop:
        planned = _plan(job.request, asked, known, known.networks, workshop)
        plan = with_comparison(planned, known.competing, known.reading.dataset) if known.competing else planned
        on_plan(plan)
        if dry_run:
            return
        with held_folder(job, workshop.cache, _feature_bytes(known)):
            write_json(job.folder.plan, plan)
            job.folder.decide("task", known.meaning.task_name, known.meaning.reason)
            network = _network(job, asked, known, workshop, progress, plan)
            work = Work(
                with_choice(job, network), known.reading, known.meaning, network.networks, workshop,
                asked.method_name, asked.method, asked.train_request, leader,
            )  # fmt: skip
            _choose_and_finish(work, known.joining, network, watch, progress)


def _network(
    job: Job, asked: Asked, known: Understood, workshop: Workshop, progress: Progress, plan: dict[str, Any]
) -> NetworkChoice:
    """The one that is given, or the best of those that compete; plan.json says which."""
    if not known.competing:
        return NetworkChoice(with_names(job.request.model, asked.models[0]), known.networks)
    chosen = choose_network(known.competing, job, known.reading, known.meaning, workshop, progress)
    document = _plan(with_choice(job, chosen).request, asked, known, chosen.networks, workshop)
    write_json(job.folder.plan, with_result(document, plan, chosen.document))
    return chosen


def _choose_and_finish(
    work: Work, joining: Joining | None, network: NetworkChoice, watch: Stopwatch, progress: Progress
) -> None:
    """From features to the page; the test targets are read once the choice is on disk."""
    found, placing = solved(work, joining, progress)
    findings = audited(work, found, progress)
    require_groups(work, found)
    found = with_trained(work, found, watch, progress)
    choice = choose(found, guarded(work), work.method_name)
    found, mitigation = mitigated(work, found, choice)
    found, domains = generalised(work, found, choice)
    uncalibrated = next(each for each in found.contenders if each.name == choice.name)
    found, answers = answered(work, found, choice)
    updated = judged_update(work, found, choice, answers, joining, placing)
    _write_choice(work, found, choice, domains)
    outcome = Outcome(
        work, found, choice, answers, findings, network.document, mitigation, domains, uncalibrated, updated
    )
    finish(outcome, watch, progress)


def _plan(
    request: FitConfig, asked: Asked, known: Understood, networks: Networks, workshop: Workshop
) -> dict[str, Any]:
    missing = missing_features(known.reading.dataset, networks, workshop)
    described = (known.meaning.task_name, known.meaning.description)
    return make_plan(request, known.told, networks, missing, asked.method_name, described)


def _feature_bytes(known: Understood) -> int:
    """About what features, twin and descriptors take, 4 bytes a number."""
    return len(known.reading.dataset) * sum(each.card.feature_dim for each in known.networks.values()) * 4 * 3


def _write_choice(work: Work, found: Solved, choice: Choice, domains: Mapping[str, Any]) -> None:
    """decisions.jsonl and config.yaml: from here on the test targets may be read."""
    folder = work.job.folder
    folder.decide("choice", choice.to_dict(), choice.why)
    write_text(folder.config, resolved_config(work, found, choice, domains.get("ships", "none")).yaml())
