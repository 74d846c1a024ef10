"""``headstart report``: the HTML page again, from a run's files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from headstart.cli.output import DebugOption, answering, set_up_logging


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="report")(answering(report))


def report(
    run: Annotated[Path, typer.Argument(help="A finished run folder, or what evaluate --out wrote.")],
    against: Annotated[
        Path | None, typer.Option(help="Another run with the same test examples, to compare RUN with.")
    ] = None,
    examples: Annotated[bool, typer.Option("--examples/--no-examples", help="Whether to show pictures.")] = True,
    debug: DebugOption = False,
) -> int:
    """Write report.html of RUN again, or with --against a page that compares two runs."""
    set_up_logging(debug)
    from headstart import api

    page = api.report(run, against=against, examples=examples)
    if against is not None:
        typer.echo(json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))["sentence"])
    typer.echo(str(page))
    return 0
