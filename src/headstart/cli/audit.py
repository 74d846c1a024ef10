"""``headstart audit``: what is wrong with the data before anything is trained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from headstart.cli.options import DataArgument, SettingsOption, fit_option, listed
from headstart.cli.output import DebugOption, JsonOption, QuietOption, answering, set_up_logging, show
from headstart.cli.progress import listener

if TYPE_CHECKING:
    from headstart.api.audit_result import Audit
    from headstart.api.shift_result import ShiftAudit

SHOWN = 3  # suspects named on the terminal
CARRYING = 8  # columns, looks or words named
SUGGESTED = 20  # examples to label named there


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="audit")(answering(audit))


def audit(
    data: DataArgument,
    target: Annotated[str | None, fit_option("target", "--target")] = None,
    input: Annotated[str | None, fit_option("input", "--input")] = None,
    task: Annotated[str | None, fit_option("task", "--task")] = None,
    model: Annotated[str | None, fit_option("model", "--model")] = None,
    test: Annotated[str | None, fit_option("test", "--test")] = None,
    groups: Annotated[str | None, fit_option("groups", "--groups")] = None,
    id: Annotated[str | None, fit_option("id", "--id")] = None,
    drop: Annotated[str | None, fit_option("drop", "--drop")] = None,
    resplit: Annotated[bool | None, fit_option("resplit", "--resplit/--no-resplit")] = None,
    accept: Annotated[list[str] | None, fit_option("accept", "--accept")] = None,
    allow_bad: Annotated[float | None, fit_option("allow_bad", "--allow-bad")] = None,
    device: Annotated[str | None, fit_option("device", "--device")] = None,
    threads: Annotated[int | None, fit_option("threads", "--threads")] = None,
    seed: Annotated[int | None, fit_option("seed", "--seed")] = None,
    cache: Annotated[str | None, fit_option("cache", "--cache")] = None,
    cache_size: Annotated[str | None, fit_option("cache_size", "--cache-size")] = None,
    suggest: Annotated[int | None, typer.Option(min=1, help="Name so many unlabelled examples worth a label.")] = None,
    unlabelled: Annotated[str | None, typer.Option(help="Folder or table of examples without labels.")] = None,
    against: Annotated[
        str | None, typer.Option(help="Examples of another domain: what kind of shift lies between? DATA may be a run.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for audit.json, the lists and the page.")] = None,
    examples: Annotated[bool | None, fit_option("examples", "--examples/--no-examples")] = None,
    settings: SettingsOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> int:
    """What is wrong with DATA before anything is trained: labels, copies, leaks, shortcuts, quality."""
    set_up_logging(debug)
    from headstart import api

    with listener(quiet=quiet or json) as bar:
        result = api.audit(
            data, target=target, input=input, task=task, model=model, test=test, groups=groups, id=id,
            drop=listed(drop), resplit=resplit, accept=accept or None, allow_bad=allow_bad, device=device,
            threads=threads, seed=seed, cache=cache, cache_size=cache_size, suggest=suggest, unlabelled=unlabelled,
            against=against, out=out, examples=examples, settings=settings or (), progress=bar,
        )  # fmt: skip
    if isinstance(result, api.ShiftAudit):
        shift = result
        show(shift, lambda: shift_text(shift), as_json=json)
        return 0
    found = result
    show(found, lambda: audit_text(found, quiet=quiet), as_json=json)
    return found.exit_code


def shift_text(result: ShiftAudit) -> str:
    """A shift as lines for a terminal."""
    document = result.document
    lines = [result.sentence]
    for name, title in (("columns", "Columns"), ("looks", "Looks"), ("words", "Words")):
        if carrying := document["carriers"].get(name):
            lines.append(f"{title + ':':<9}{', '.join(str(each['name']) for each in carrying[:CARRYING])}")
    if moved := [each for each in document["classes"] if each["differs"]]:
        told = (f"{each['class']} {each['learned']:.0%} -> {each['now']:.0%}" for each in moved[:CARRYING])
        lines.append(f"Classes: {', '.join(told)}")
    lines += [f"{number}. {step}" for number, step in enumerate(document["advice"], 1)]
    if result.path:
        lines.append(f"Page:    {result.path / 'shift.html'}")
    return "\n".join(lines)


def audit_text(result: Audit, *, quiet: bool = False) -> str:
    """Findings as lines for a terminal."""
    lines = [result.sentence]
    for finding in () if quiet else result.findings:
        lines += ["", f"{finding['severity']:<8} {finding['id']}", f"  {finding['what']}", f"  {finding['action']}"]
        lines += [f"    {each['id']}: {each['why']}" for each in finding["suspects"][:SHOWN]]
        if finding["id"] in result.document["refused"]:
            lines.append(f"  fit refuses to go on, unless with --accept {finding['id']}")
        if finding["count"] > SHOWN:
            lines.append(f"    ... and {finding['count'] - SHOWN} more")
    if suggested := result.document.get("suggestions"):
        lines += ["", f"Label next ({len(suggested)}):"]
        lines += [f"    {each['id']}: {each['why']}" for each in suggested[:SUGGESTED]]
        if len(suggested) > SUGGESTED:
            lines.append(f"    ... and {len(suggested) - SUGGESTED} more")
    if result.path:
        lines += ["", f"Page:    {result.path / 'audit.html'}", f"Lists:   {result.path / 'suspects.csv'}"]
        if (result.path / "corrected.csv").exists():
            lines.append(f"Labels:  {result.path / 'corrected.csv'} (look it through before use)")
    return "\n".join(lines)
