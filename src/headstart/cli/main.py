"""The command ``headstart``: registers the verbs."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

MODULES = (
    "audit",
    "rank",
    "fit",
    "predict",
    "explain",
    "evaluate",
    "report",
    "export",
    "serve",
    "monitor",
    "adapt",
    "compress",
    "lists",
    "doctor",
    "cache",
)
USAGE = """From a small labelled data set to a deployed model, by transferring a pretrained one, with evidence.

Begin with:  headstart fit FOLDER   (one folder of pictures for each class)
"""


def build_app() -> typer.Typer:
    """The typer application with every verb."""
    app = typer.Typer(
        help=USAGE,
        no_args_is_help=True,
        invoke_without_command=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_global_options)
    for name in MODULES:
        import_module(f"headstart.cli.{name}").register(app)
    return app


def _global_options(
    version: Annotated[bool, typer.Option("--version", help="Say the version and stop.")] = False,
) -> None:
    if version:
        from headstart import __version__

        typer.echo(f"headstart {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line and exit with the contract's code."""
    build_app()(prog_name="headstart")
