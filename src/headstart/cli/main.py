"""The command ``headstart``: registers the verbs, turns errors into one paragraph and an exit code."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Annotated

import click
import typer

from headstart.cli.output import report_error

COMMANDS = ("fit", "predict", "evaluate", "report", "models", "methods", "tasks", "doctor", "cache")
LISTS = {"models": "lists", "methods": "lists", "tasks": "lists"}
USAGE = """From a small labelled data set to a deployed model, by transferring a pretrained one, with evidence.

Begin with:  headstart fit FOLDER   (one folder of pictures for each class)
"""


def build_app() -> typer.Typer:
    """The typer application with every verb."""
    app = typer.Typer(
        help=USAGE, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
    )
    app.callback()(_global_options)
    for name in dict.fromkeys(LISTS.get(command, command) for command in COMMANDS):
        import_module(f"headstart.cli.{name}").register(app)
    return app


def _global_options(
    version: Annotated[bool, typer.Option("--version", help="Say the version and stop.")] = False,
) -> None:
    if version:
        from headstart import __version__

        typer.echo(f"headstart {__version__}")
        raise typer.Exit


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with the contract's code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments == ["--version"]:
        arguments = ["--version", "doctor"]  # a group wants a command; the option stops before it runs
    try:
        code = build_app()(arguments, prog_name="headstart", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        typer.echo("Interrupted.", err=True)
        code = 130
    except Exception as error:  # the last stop: nothing may end in a bare traceback
        code = report_error(error, debug="--debug" in arguments)
    raise SystemExit(code if isinstance(code, int) else 0)
