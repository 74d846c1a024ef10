"""``fit``: the main job, from what the user has to a bundle with evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from headstart.api.results import Plan, Run, Seeds
from headstart.core.errors import ConfigError
from headstart.core.progress import Progress, Silent
from headstart.core.run_folder import RunFolder
from headstart.evidence.cost import Stopwatch
from headstart.features.reading import Sources, commas, names, settled_feedback, shown, sources_of
from headstart.request.fit_config import FitConfig, merge
from headstart.request.job import Job, new_job, resumed_job
from headstart.request.update_request import require_on_disk, update_request
from headstart.training.followers import dismiss, follow, is_follower


def fit(
    data: Any = None,
    *,
    update: str | Path | None = None,
    add: Any = None,
    target: str | None = None,
    input: str | Sequence[str] | None = None,
    task: str | None = None,
    model: str | Sequence[str] | None = None,
    method: str | None = None,
    out: str | Path | None = None,
    test: Any = None,
    groups: str | None = None,
    domains: str | None = None,
    id: str | None = None,
    drop: str | Sequence[str] | None = None,
    slices: str | Sequence[str] | None = None,
    resplit: bool | None = None,
    accept: str | Sequence[str] | None = None,
    allow_bad: float | None = None,
    balance: str | None = None,
    minutes: float | None = None,
    tune: int | None = None,
    storage: str | None = None,
    ensemble: bool | None = None,
    compare: str | Sequence[str] | None = None,
    checkpoint_minutes: float | None = None,
    tensorboard: bool | None = None,
    device: str | None = None,
    threads: int | None = None,
    seed: int | None = None,
    seeds: int | None = None,
    cache: str | None = None,
    cache_size: str | None = None,
    examples: bool | None = None,
    include_examples: bool | None = None,
    settings: Sequence[str] | Mapping[str, Any] = (),
    config: str | Path | None = None,
    dry_run: bool = False,
    resume: bool = False,
    progress: Progress | None = None,
    on_plan: Callable[[Plan], None] | None = None,
) -> Run | Plan | Seeds:
    """Fit a model to ``data``: read, describe, split, solve, audit, choose, test, bundle, report.

    Args:
        data: A folder or table, a DataFrame, a Hugging Face dataset, or a pair (inputs, targets). With ``update`` the
            place of the run's own data, where that is another one now.
        update: A finished run to go on from, with its data, split, network and settings.
        add: New labelled data for it, like ``data``, or the feedback of its server (file or URL).
        target: This and the options down to ``include_examples`` are those of the command and mean the same; None means
            not given. ``request.fit_config.FitConfig`` describes each, and so does the contract.
        out: Folder for the run, new or empty; default ``runs/<data>-<time>``.
        seeds: How many seeds to fit with, from ``seed`` on; None: one. Each is a run below ``out``.
        settings: Dotted keys, as texts ``key=value`` or as a mapping.
        config: YAML file with options; below the named ones.
        dry_run: Return the plan; nothing is written.
        resume: Go on with an unfinished run.
        progress: Told what is being done.
        on_plan: Called with the plan before work starts.

    Returns:
        The finished run; the plan with ``dry_run``; with ``seeds`` all runs and the metric over them.

    Raises:
        HeadstartError: see ``exit_code``; after a user error no run folder is left behind that was not there before.
        GateError: the updated model is not better than the one of ``update``; nothing is written.
        RunInterrupted: Ctrl-C; the run can be resumed.
    """
    asked = dict(locals())
    if seeds is not None:
        from headstart.api.several_seeds import several

        return several(fit, asked, seeds)
    from headstart.runtimes.process_settings import settle_process

    settle_process()  # before torch is imported
    watch = Stopwatch()
    named = {
        "data": shown(data), "update": shown(update), "add": shown(add), "target": target,
        "input": commas(input), "task": task,
        "model": commas(model), "method": method, "test": shown(test), "groups": groups, "domains": domains,
        "id": id,
        "drop": names(drop), "slices": names(slices),
        "resplit": resplit, "accept": names(accept), "allow_bad": allow_bad, "balance": balance, "minutes": minutes,
        "tune": tune, "storage": storage, "ensemble": ensemble, "compare": names(compare),
        "checkpoint_minutes": checkpoint_minutes, "tensorboard": tensorboard, "device": device, "threads": threads,
        "seed": seed, "cache": cache, "cache_size": cache_size, "examples": examples,
        "include_examples": include_examples,
    }  # fmt: skip
    if is_follower() and not dry_run:
        return _followed((data, test, add), watch)
    job = _job(named, config, settings, None if out is None else Path(out), resume)
    if job.folder.is_finished:
        return Run(job.folder.path, job.folder.read_evidence())
    from headstart.fitting.carry_out import carry_out

    plans: list[Plan] = []

    def planned(document: dict[str, Any]) -> None:
        plans.append(Plan(document))
        if on_plan:
            on_plan(plans[0])

    carry_out(job, _sources((data, test, add), job), watch, progress or Silent(), planned, dry_run=dry_run)
    if dry_run:
        return plans[0]
    dismiss(job)
    return Run(job.folder.path, job.folder.read_evidence())


def _sources(given: tuple[Any, Any, Any], job: Job) -> Sources:
    """What was handed over, else what the request names."""
    data, test, add = given
    named = sources_of(job.request)
    added = named[2:] if add is None or isinstance(add, str | Path) else (*named[2:-1], add)
    return (data if data is not None else named[0], test if test is not None else named[1], *added)


def _followed(given: tuple[Any, Any, Any], watch: Stopwatch) -> Run:
    """The part of a process that was started beside a first one."""
    from headstart.fitting.carry_out import carry_out

    def help_out(job: Job, leader: Path) -> None:
        carry_out(job, _sources(given, job), watch, Silent(), lambda _: None, dry_run=False, leader=leader)

    folder = RunFolder(follow(help_out))
    return Run(folder.path, folder.read_evidence())


def _job(
    named: Mapping[str, Any],
    config: str | Path | None,
    settings: Sequence[str] | Mapping[str, Any],
    out: Path | None,
    resume: bool,
) -> Job:
    is_bare = config is None and not settings and all(value is None for value in named.values())
    if resume:
        return resumed_job(None if is_bare else _asked(named, config, settings), out)
    return new_job(_asked(named, config, settings), out)


def _asked(
    named: Mapping[str, Any], config: str | Path | None, settings: Sequence[str] | Mapping[str, Any]
) -> FitConfig:
    if named["update"] is None:
        if named["add"] is not None:
            raise ConfigError("--add names new data for a run that exists; none was named. Name it with --update RUN.")
        return merge(named, config=config, settings=settings)
    request = update_request(named, config=config, settings=settings)
    require_on_disk(request, named)
    return settled_feedback(request)
