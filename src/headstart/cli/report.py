"""``headstart report``: the HTML page again, from a run's files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headstart.cli.output import DebugOption, answering, set_up_logging


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="report")(answering(report))


def report(
    run: Annotated[Path, typer.Argument(help="A finished run folder.")],
    examples: Annotated[bool, typer.Option("--examples/--no-examples", help="Whether to show pictures.")] = True,
    debug: DebugOption = False,
) -> int:
    """Write report.html of RUN again."""
    set_up_logging(debug)
    from headstart import api

    typer.echo(str(api.report(run, examples=examples)))
    return 0
