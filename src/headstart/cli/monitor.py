"""``headstart monitor``: whether a model is still asked what it learned, and still right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from headstart.cli.output import DebugOption, JsonOption, QuietOption, answering, say, set_up_logging, show
from headstart.cli.progress import listener

if TYPE_CHECKING:
    from headstart.api.monitor_result import Monitoring

MOST_FINDINGS = 12  # that are printed
MOST_IDS = 5  # of a piece of advice that are printed


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="monitor")(answering(monitor))


def monitor(
    run: Annotated[Path, typer.Argument(help="A run folder, its bundle/, or a bundle copied elsewhere.")],
    data: Annotated[
        str, typer.Argument(help="The log of `headstart serve --monitor-log`, or examples; with targets it measures.")
    ],
    target: Annotated[str | None, typer.Option(help="Column with the targets.")] = None,
    input: Annotated[
        str | None,
        typer.Option(help="Columns with the inputs, separated by commas, where a table calls them otherwise."),
    ] = None,
    window: Annotated[
        int | None, typer.Option(help="Examples judged together. Default: 500 of a log, all of a data set.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for monitor.json and a page, monitor.html.")] = None,
    threads: Annotated[int | None, typer.Option(help="Processor threads.")] = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> int:
    """Say whether inputs, predictions or accuracy changed since the fit, what that costs, and what to do."""
    set_up_logging(debug)
    from headstart import api

    with listener(quiet=quiet or json) as bar:
        result = api.monitor(
            run, data, target=target, input=input, window=window, out=out, threads=threads, progress=bar
        )
    show(result, lambda: _text(result), as_json=json)
    for note in () if quiet else result.document["notes"]:
        say(f"Note: {note}")
    return 0


def _text(result: Monitoring) -> str:
    document = result.document
    lines = [document["sentence"]]
    alarms = [each for each in document["findings"] if each["alarm"]]
    for each in alarms[:MOST_FINDINGS]:
        words = f"{each['before']} -> {each['now']}" if each["before"] and each["now"] else ""
        lines.append(f"  {each['family']:<12} {each['name']:<28} p {each['p_corrected']:.2g}  {words}".rstrip())
    if len(alarms) > MOST_FINDINGS:
        lines.append(f"  and {len(alarms) - MOST_FINDINGS} more, see --json")
    lines += _accuracy(document["accuracy"])
    for number, step in enumerate(document["advice"], 1):
        lines.append(f"{number}. {step['do']}: {step['why']}")
        if step["ids"]:
            more = len(step["ids"]) - MOST_IDS
            lines.append(f"   {', '.join(step['ids'][:MOST_IDS])}" + (f" and {more} more" if more > 0 else ""))
    if result.path is not None:
        lines.append(f"Page:    {result.path / 'monitor.html'}")
    return "\n".join(lines)


def _accuracy(accuracy: dict[str, Any]) -> list[str]:
    rows = {"held out": accuracy.get("held_out"), "measured": accuracy.get("measured")}
    rows |= {f"estimated by {name}": each for name, each in accuracy.get("estimated", {}).items()}
    return [
        f"  {accuracy['metric']} {name:<24} {each['value']:.3f}  ({each['low']:.3f} to {each['high']:.3f})"
        for name, each in rows.items()
        if each is not None
    ]
