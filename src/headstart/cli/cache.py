"""``headstart cache list | clear``: the kept activations."""

from __future__ import annotations

import typer

from headstart.cli.lists import table
from headstart.cli.output import JsonOption, answering, show


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Look at or clear the kept activations.", no_args_is_help=True)
    group.command(name="list")(answering(list_cache))
    group.command(name="clear")(answering(clear))
    app.add_typer(group, name="cache")


def list_cache(json: JsonOption = False) -> int:
    """List what is kept, one line per kind of activation."""
    from headstart import api

    result = api.list_cache()
    show(result, lambda: table(result), as_json=json)
    return 0


def clear(json: JsonOption = False) -> int:
    """Remove all kept activations, graphs and measurements."""
    from headstart import api

    result = api.clear_cache()
    show(result, lambda: table(result), as_json=json)
    return 0
