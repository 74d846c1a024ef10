"""How a command speaks: results to stdout, everything else to stderr, one paragraph per error."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import Annotated, Any, Protocol

import typer

from headstart.core.errors import HeadstartError, UserError
from headstart.core.files import dump_json

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout and nothing else.")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Say only the result.")]
DebugOption = Annotated[bool, typer.Option("--debug", help="Detailed log on stderr, tracebacks for errors.")]


class Result(Protocol):
    """What every verb returns."""

    def to_dict(self) -> dict[str, Any]:
        """JSON."""


def show(result: Result, text: Callable[[], str], *, as_json: bool) -> None:
    """Print a result as JSON or as text."""
    typer.echo(dump_json(result.to_dict()) if as_json else text(), nl=not as_json)


def say(text: str) -> None:
    """A line for people, on stderr."""
    typer.echo(text, err=True)


def set_up_logging(debug: bool) -> None:
    """Warnings of the library go to stderr, everything with ``--debug``; decisions go to the run's own log anyway."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s" if debug else "%(message)s"))
    handler.setLevel(logging.DEBUG if debug else logging.WARNING)
    logger = logging.getLogger("headstart")
    logger.handlers = [handler]
    logger.setLevel(logging.DEBUG)
    logger.propagate = False


def report_error(error: Exception, *, debug: bool) -> int:
    """Say what went wrong in one paragraph; returns the exit code."""
    if debug:
        say("".join(traceback.format_exception(error)).rstrip())
    if isinstance(error, HeadstartError):
        say(f"headstart: {error}")
        return error.exit_code
    if isinstance(error, OSError) and error.errno == 28:  # ENOSPC
        say(
            "headstart: the disk is full. What was finished is kept: free some space and run the command with --resume."
        )
        return UserError.exit_code
    say(
        f"headstart: this is our fault, not yours: {type(error).__name__}: {error}. "
        "Run the command again with --debug and report what it prints."
    )
    return HeadstartError.exit_code
