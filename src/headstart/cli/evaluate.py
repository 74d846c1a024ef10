"""``headstart evaluate``: the evidence again, on other labelled data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from headstart.cli.options import listed
from headstart.cli.output import DebugOption, JsonOption, QuietOption, answering, set_up_logging, show
from headstart.cli.progress import listener

if TYPE_CHECKING:
    from headstart.api.results import Evaluation, Robustness, Verification

NOT_AS_SAID = 2  # exit code: the files given are not what they say


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="evaluate")(answering(evaluate))


def evaluate(
    run: Annotated[Path, typer.Argument(help="A run folder, its bundle/, or a bundle copied elsewhere.")],
    data: Annotated[str | None, typer.Argument(help="Labelled data with the columns and classes of the run.")] = None,
    target: Annotated[str | None, typer.Option(help="Column with the targets.")] = None,
    input: Annotated[
        str | None,
        typer.Option(help="Columns with the inputs, separated by commas, where a table calls them otherwise."),
    ] = None,
    slices: Annotated[str | None, typer.Option(help="Columns to report by, separated by commas.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for evidence.json and predictions.")] = None,
    threads: Annotated[int | None, typer.Option(help="Processor threads.")] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check, without DATA, that the run's evidence follows from its files.")
    ] = False,
    robustness: Annotated[
        bool,
        typer.Option("--robustness", help="Predict the run's own test examples, without DATA, under corruptions."),
    ] = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> int:
    """Measure a run's model on DATA: on its test split if it has one, else on all of it."""
    set_up_logging(debug)
    from headstart import api

    with listener(quiet=quiet or json) as bar:
        result = api.evaluate(
            run, data, target=target, input=input, slices=listed(slices) or (), out=out, threads=threads, progress=bar,
            verify=verify, robustness=robustness,
        )  # fmt: skip
    if isinstance(result, api.Verification):
        show(result, lambda: _checks_text(result), as_json=json)
        return 0 if result.holds else NOT_AS_SAID
    if isinstance(result, api.Robustness):
        show(result, lambda: _robustness_text(result), as_json=json)
        return 0
    show(result, lambda: _text(result), as_json=json)
    return 0


def _robustness_text(result: Robustness) -> str:
    lines = []
    for each in result.document["corruptions"]:
        changes = [point["change"]["value"] for point in each["points"]]
        worst = min((change for change in changes if change is not None), default=0.0)
        at = f" from {each['breaks_at']:g} {each['unit']}" if each["breaks_at"] is not None else ""
        lines.append(f"  {each['name']:<24} {worst:+.3f} at worst" + (f", breaks{at}" if each["breaks"] else ""))
    return "\n".join([*lines, result.sentence, f"Report:  {result.path / 'report.html'}"])


def _checks_text(result: Verification) -> str:
    lines = []
    for check in result.checks:
        word = {True: "holds", False: "DOES NOT HOLD", None: "not checked"}[check.holds]
        lines.append(f"  {word:<14} {check.what}" + (f": {check.why}" if check.why else ""))
    summary = "The evidence holds." if result.holds else "The evidence does not hold."
    return "\n".join([*lines, summary])


def _text(result: Evaluation) -> str:
    lines = [str(result.evidence["sentence"])]
    for name, metric in result.evidence["test"].items():
        if "value" in metric:
            lines.append(f"  {name:<18} {_interval(metric)}")
    lines += [f"Warning: {warning}" for warning in result.evidence["warnings"]]
    if result.path is not None:
        lines.append(f"Evidence: {result.path}")
    return "\n".join(lines)


def _interval(metric: dict[str, float | None]) -> str:
    if metric["value"] is None:
        return "cannot be told"  # a warning says why
    if metric["low"] is None:
        return f"{metric['value']:.3f}"
    return f"{metric['value']:.3f}  ({metric['low']:.3f} to {metric['high']:.3f})"
