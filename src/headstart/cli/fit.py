"""``headstart fit``: the main job."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from headstart.cli.options import SettingsOption, fit_option, listed
from headstart.cli.output import DebugOption, JsonOption, QuietOption, answering, say, set_up_logging, show
from headstart.cli.progress import listener
from headstart.request.fit_config import FitConfig

if TYPE_CHECKING:
    from headstart.api.results import Plan, Run, Seeds


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="fit")(answering(fit))


def fit(
    data: Annotated[str | None, typer.Argument(help=FitConfig.model_fields["data"].description)] = None,
    update: Annotated[str | None, fit_option("update", "--update")] = None,
    add: Annotated[str | None, fit_option("add", "--add")] = None,
    target: Annotated[str | None, fit_option("target", "--target")] = None,
    input: Annotated[str | None, fit_option("input", "--input")] = None,
    task: Annotated[str | None, fit_option("task", "--task")] = None,
    model: Annotated[str | None, fit_option("model", "--model")] = None,
    method: Annotated[str | None, fit_option("method", "--method")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the run; default runs/DATA-TIME.")] = None,
    test: Annotated[str | None, fit_option("test", "--test")] = None,
    groups: Annotated[str | None, fit_option("groups", "--groups")] = None,
    domains: Annotated[str | None, fit_option("domains", "--domains")] = None,
    id: Annotated[str | None, fit_option("id", "--id")] = None,
    drop: Annotated[str | None, fit_option("drop", "--drop")] = None,
    slices: Annotated[str | None, fit_option("slices", "--slices")] = None,
    resplit: Annotated[bool | None, fit_option("resplit", "--resplit/--no-resplit")] = None,
    accept: Annotated[list[str] | None, fit_option("accept", "--accept")] = None,
    allow_bad: Annotated[float | None, fit_option("allow_bad", "--allow-bad")] = None,
    balance: Annotated[str | None, fit_option("balance", "--balance")] = None,
    minutes: Annotated[float | None, fit_option("minutes", "--minutes")] = None,
    tune: Annotated[int | None, fit_option("tune", "--tune")] = None,
    storage: Annotated[str | None, fit_option("storage", "--storage")] = None,
    ensemble: Annotated[bool | None, fit_option("ensemble", "--ensemble/--no-ensemble")] = None,
    compare: Annotated[str | None, fit_option("compare", "--compare")] = None,
    checkpoint_minutes: Annotated[float | None, fit_option("checkpoint_minutes", "--checkpoint-minutes")] = None,
    tensorboard: Annotated[bool | None, fit_option("tensorboard", "--tensorboard/--no-tensorboard")] = None,
    device: Annotated[str | None, fit_option("device", "--device")] = None,
    threads: Annotated[int | None, fit_option("threads", "--threads")] = None,
    seed: Annotated[int | None, fit_option("seed", "--seed")] = None,
    seeds: Annotated[
        int | None, typer.Option(help="Fit with so many seeds, from --seed on, and give the metric over them.")
    ] = None,
    cache: Annotated[str | None, fit_option("cache", "--cache")] = None,
    cache_size: Annotated[str | None, fit_option("cache_size", "--cache-size")] = None,
    examples: Annotated[bool | None, fit_option("examples", "--examples/--no-examples")] = None,
    include_examples: Annotated[bool | None, fit_option("include_examples", "--include-examples")] = None,
    settings: SettingsOption = None,
    config: Annotated[Path | None, typer.Option(help="YAML file with options, for example RUN/config.yaml.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and stop.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an unfinished run.")] = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> int:
    """Fit a model to DATA: read, describe, split, solve, audit, choose, test, bundle, report."""
    set_up_logging(debug)
    from headstart import api
    from headstart.training.followers import is_follower

    beside = is_follower()  # another process of the same fit speaks
    bar = listener(quiet=quiet or json or beside)

    def on_plan(plan: Plan) -> None:
        bar.plan(plan.document["steps"])
        if not (quiet or json or beside):
            say(plan_text(plan))

    with bar:
        result = api.fit(
            data, update=update, add=add, target=target, input=input, task=task, model=model, method=method, out=out,
            test=test,
            groups=groups, domains=domains, id=id, drop=listed(drop), slices=listed(slices),
            resplit=resplit, accept=accept or None,
            allow_bad=allow_bad, balance=balance, minutes=minutes, tune=tune, storage=storage,
            ensemble=ensemble, compare=listed(compare), checkpoint_minutes=checkpoint_minutes, tensorboard=tensorboard,
            device=device, threads=threads, seed=seed, seeds=seeds, cache=cache, cache_size=cache_size,
            examples=examples, include_examples=include_examples, settings=settings or (), config=config,
            dry_run=dry_run, resume=resume, progress=bar, on_plan=on_plan,
        )  # fmt: skip
    if not beside:
        show(result, lambda: result_text(result), as_json=json)
    return 0


def plan_text(plan: Plan) -> str:
    """The plan as lines for a terminal."""
    document = plan.document
    lines = ["Plan"]
    for step in document["steps"]:
        seconds = "" if step["seconds"] is None else f"  about {step['seconds']:.1f} s"
        lines.append(f"  {step['name']:<12} {step['what']}{seconds}")
    lines += [f"  note         {note}" for note in document["notes"]]
    return "\n".join(lines)


def race_text(run: Run) -> list[str]:
    """What a race came to, where there was one."""
    race = run.evidence.get("race")
    if not race:
        return []
    why, count = race["stopped"].rstrip("."), len(race["trials"])
    if not count:
        least = run.plan.get("minimum")
        more = f"; about {least:g} minutes would have been enough" if least else ""
        return [f"Race:    nothing was trained: {why}{more}."]
    seconds, best = race["seconds"], race["best"]
    time = f"{seconds:.0f} seconds" if seconds < 60 else f"{seconds / 60:.1f} minutes"
    made = "1 training" if count == 1 else f"{count} trainings"
    result = f"{best} was the best; it ended since {why}" if best else why
    return [f"Race:    {made} in {time}; {result}.", *together_text(race)]


def together_text(race: Mapping[str, Any]) -> list[str]:
    """What its trainings came to together."""
    told = race.get("combined")
    if not told:
        return []
    return [f"Average: {told['why']}." if told["how"] else f"Average: nothing was combined, since {told['why']}."]


def more_text(run: Run) -> list[str]:
    """What more minutes may add, where nothing was trained."""
    minutes = run.plan.get("more_minutes")
    if not minutes or "training" in run.evidence or "race" in run.evidence:
        return []
    return [
        f"More:    --minutes {minutes} would also fine-tune the network, and keep that only if it is clearly better."
    ]


def result_text(result: Run | Plan | Seeds) -> str:
    """The last lines of a fit: the result in one sentence, and the paths."""
    from headstart.api.results import Plan, Seeds

    if isinstance(result, Seeds):
        each = [f"  {name:<10} {value:.3f}" for name, value in result.document["values"].items()]
        return "\n".join(["", *each, result.sentence, f"Runs:    {result.path}"])

    if isinstance(result, Plan):
        return "Nothing was computed: this was a dry run."
    lines = ["", result.sentence]
    lines += [result.evidence["update"]["sentence"]] if "update" in result.evidence else []
    lines += [result.evidence["domains"]["sentence"]] if "domains" in result.evidence else []
    lines += [f"Warning: {warning}" for warning in result.evidence["warnings"]]
    lines += [f"Report:  {result.report}", f"Bundle:  {result.bundle}"]
    lines += [*race_text(result), *more_text(result)]
    return "\n".join(lines)
