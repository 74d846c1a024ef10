"""How a command speaks: results to stdout, everything else to stderr, one paragraph per error."""

from __future__ import annotations

import errno
import functools
import logging
import shlex
import traceback
from collections.abc import Callable
from typing import Annotated, Any, Protocol

import typer

from headstart.core.errors import HeadstartError, RunInterrupted, UserError
from headstart.core.files import dump_json

PLACES_THAT_CANNOT_BE = frozenset(
    (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.ELOOP)
)
MOST_SHOWN = 3_000  # characters of an error

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout and nothing else.")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Say only the result.")]
DebugOption = Annotated[bool, typer.Option("--debug", help="Detailed log on stderr, tracebacks for errors.")]


def answering(command: Callable[..., int]) -> Callable[..., None]:
    """A command that ends with the contract's exit code, whatever happens inside; nothing ends in a bare traceback."""

    @functools.wraps(command)
    def answered(*args: Any, **options: Any) -> None:
        try:
            code = command(*args, **options)
        except RunInterrupted as stop:
            if stop.path.exists():
                say(f"Interrupted. Go on with: headstart fit --resume --out {shlex.quote(str(stop.path))}")
            code = stop.exit_code
        except KeyboardInterrupt:
            say("Interrupted.")
            code = RunInterrupted.exit_code
        except Exception as error:
            code = report_error(error, debug=bool(options.get("debug")))
        raise typer.Exit(code)

    return answered


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


def within_a_screen(message: str) -> str:
    """A message with its middle left out where it is very long: it may quote a cell, and what to do comes last.

    >>> within_a_screen("a" * MOST_SHOWN) == "a" * MOST_SHOWN
    True
    >>> len(within_a_screen("a" * 10 * MOST_SHOWN)) == MOST_SHOWN
    True
    """
    if len(message) <= MOST_SHOWN:
        return message
    end = MOST_SHOWN // 4
    return f"{message[: MOST_SHOWN - end - 5]} ... {message[-end:]}"


def report_error(error: Exception, *, debug: bool) -> int:
    """Say what went wrong in one paragraph; returns the exit code."""
    if debug:
        say("".join(traceback.format_exception(error)).rstrip())
    if isinstance(error, HeadstartError):
        say(f"headstart: {within_a_screen(str(error))}")
        return error.exit_code
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        say(
            "headstart: the disk is full. What was finished is kept: free some space and run the command with --resume."
        )
        return UserError.exit_code
    if isinstance(error, OSError) and error.errno in PLACES_THAT_CANNOT_BE:
        say(f"headstart: a file or folder cannot be used: {error.strerror}: {error.filename}. Name another place.")
        return UserError.exit_code
    say(
        f"headstart: this is our fault, not yours: {type(error).__name__}: {error}. "
        "Run the command again with --debug and report what it prints."
    )
    return HeadstartError.exit_code
