"""``headstart doctor``: what this machine can do."""

from __future__ import annotations

import typer

from headstart.cli.lists import table
from headstart.cli.output import JsonOption, answering, show


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="doctor")(answering(doctor))


def doctor(json: JsonOption = False) -> int:
    """Check the machine, the optional packages and the cache."""
    from headstart import api

    result = api.doctor()
    show(result, lambda: table(result), as_json=json)
    return 0
