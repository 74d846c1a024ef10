"""The command line in this process: what it prints where, and its exit code."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import pytest
from typer.testing import CliRunner

from headstart.cli.main import build_app


@dataclass(frozen=True)
class Said:
    """What a command did."""

    code: int
    out: str
    err: str


@pytest.fixture
def headstart_command():
    """A function that runs one command line; the logging that the command set up is undone."""

    def run(*arguments: object, stdin: str | None = None) -> Said:
        result = CliRunner().invoke(build_app(), [str(argument) for argument in arguments], input=stdin)
        return Said(result.exit_code, result.stdout, result.stderr)

    logger = logging.getLogger("headstart")
    before = (list(logger.handlers), logger.level, logger.propagate)
    yield run
    logger.handlers, logger.level, logger.propagate = before[0], before[1], before[2]


def one_paragraph(said: Said) -> str:
    """The error that a command ended with: one paragraph, last on stderr, and nothing on stdout."""
    *before, last = said.err.splitlines()
    assert said.out == "", said
    assert last.startswith("headstart: ") and not any(line.startswith("headstart: ") for line in before), said
    assert "Traceback" not in said.err, said
    return last
