"""``headstart adapt``: a fitted model moved to a domain without labels, where that is likely to help."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from headstart.cli.options import SettingsOption
from headstart.cli.output import DebugOption, JsonOption, QuietOption, answering, say, set_up_logging, show
from headstart.cli.progress import listener

if TYPE_CHECKING:
    from headstart.api.adaptation_result import Adaptation


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="adapt")(answering(adapt))


def adapt(
    run: Annotated[Path, typer.Argument(help="A run folder whose data are still where they were.")],
    to: Annotated[str, typer.Option(help="Examples of the new domain; targets that they may have are not read.")],
    method: Annotated[
        str, typer.Option(help="auto, or an adapter or a train method by name: then no guard holds it back.")
    ] = "auto",
    setting: Annotated[
        str, typer.Option(help="closed: the same classes; partial: DATA lacks some; open: it has others besides.")
    ] = "closed",
    classes: Annotated[
        str, typer.Option(help="Classes of --to, separated by commas, in --setting partial; else they are estimated.")
    ] = "",
    labels: Annotated[
        str | None,
        typer.Option(help="Labelled examples among those of --to: they check the estimates; 20 or more also teach."),
    ] = None,
    evaluate: Annotated[
        str | None, typer.Option(help="Labelled examples of the new domain: every way is measured, nothing chosen.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="Column with the targets in --labels and --evaluate.")] = None,
    sources: Annotated[
        str | None, typer.Option(help="Column of the run's data with the domain of each example: shop, speaker.")
    ] = None,
    order: Annotated[
        str | None,
        typer.Option(help="Column of --to with numbers or dates, along which the domain moves; its end is adapted to."),
    ] = None,
    input: Annotated[
        str | None,
        typer.Option(help="Columns with the inputs, separated by commas, where a table calls them otherwise."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the adapted run, new or empty.")] = None,
    examples: Annotated[
        bool, typer.Option("--examples/--no-examples", help="Show some of the examples whose answers change.")
    ] = True,
    settings: SettingsOption = None,
    threads: Annotated[int | None, typer.Option(help="Processor threads.")] = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> int:
    """Adapt a model to new data without labels, only where that is likely to help (exit 4: it is not)."""
    set_up_logging(debug)
    from headstart import api

    with listener(quiet=quiet or json) as bar:
        result = api.adapt(
            run,
            to,
            method=method,
            setting=setting,
            classes=classes,
            labels=labels,
            evaluate=evaluate,
            target=target,
            sources=sources,
            order=order,
            input=input,
            out=out,
            examples=examples,
            settings=settings or (),
            threads=threads,
            progress=bar,
        )
    show(result, lambda: _text(result), as_json=json)
    for note in () if quiet else result.evidence["warnings"]:
        say(f"Note: {note}")
    return 0


def _text(result: Adaptation) -> str:
    section = result.evidence["adaptation"]
    lines = [result.evidence["sentence"]]
    for each in section["methods"]:
        gain = each["gain"]
        told = "" if gain is None else f"{gain['value']:+.1f} points"
        lines.append(f"  {each['name']:<24} {told:>14}  {each['seconds']:.1f} s")
    by_reason: dict[str, list[str]] = {}
    for name, why in section["left_out"].items():
        by_reason.setdefault(why, []).append(name)
    lines += [f"Not tried: {', '.join(names)}: {why}" for why, names in by_reason.items()]
    lines += [_source(each) for each in section.get("sources", ())]
    lines += [_window(number, each) for number, each in enumerate(section.get("order", {}).get("windows", ()), start=1)]
    if labels := section.get("labels"):
        lines.append(f"Measured on {labels['n']:,} labelled examples, {labels['primary']}:")
        lines += [
            f"  {each['name']:<24} {labels['primary']} {each['value']['value']:.3f}" for each in labels["methods"]
        ]
    for name, each in (section.get("labels") or {}).get("open_set", {}).items():
        known, unknown, both = (each[part] or {"value": None} for part in ("known", "unknown", "h_score"))
        if both["value"] is not None:
            told = f"known {known['value']:.3f}, unknown {unknown['value']:.3f}"
            lines.append(f"  {name:<24} H-score {both['value']:.3f} ({told})")
    if result.path is not None:
        lines.append(f"Page:    {result.path / 'report.html'}")
    return "\n".join(lines)


def _source(each: Mapping[str, Any]) -> str:
    far = "" if each["distance"] is None else f", distance {each['distance']:.3f}, weight {each['weight']:.2f}"
    return f"Source {each['name']}: {each['n']:,} examples{far}"


def _window(number: int, each: Mapping[str, Any]) -> str:
    far = "" if each["distance"] is None else f", distance {each['distance']:.3f}"
    taught = "" if each["taught"] is None else f", {each['taught']:.0%} taught"
    return f"Window {number}: {each['n']:,} examples, {each['from']} to {each['to']}{far}{taught}"
