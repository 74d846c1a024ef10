"""What a job page asks its reader to type."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
JOBS = ROOT / "docs" / "jobs"
PAGES = sorted(JOBS.glob("*.md"))
SHELLS = {"sh", "bash", "console", "shell"}
SHOWN = {"text"}  # what a file or an output looks like
FENCE = re.compile(r"^```(?P<language>.*)\n(?P<body>(?:.*\n)*?)```$", re.MULTILINE)
INLINE = re.compile(r"`([^`]+)`")
OPERATORS = set("();<>|&")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language and its lines."""

    language: str
    body: str


def blocks(text: str) -> list[Block]:
    """All fenced blocks of a page in order."""
    return [Block(match["language"].strip(), match["body"]) for match in FENCE.finditer(text)]


def commands(block: Block) -> list[str]:
    """The commands of a shell block: one a line, or over several lines that end with a backslash; no comments."""
    lines = block.body.replace("\\\n", " ").splitlines()
    return [line.removeprefix("$ ") for line in lines if line.strip() and not line.startswith("#")]


def steps(text: str) -> list[Block]:
    """What a test has to run, in order: a shell command each, or a whole block of Python."""
    found = []
    for block in blocks(text):
        if block.language in SHELLS:
            found += [Block("sh", line) for line in commands(block)]
        elif block.language not in SHOWN:
            found.append(block)
    return found


def inline(text: str) -> list[str]:
    """What stands between single backquotes outside of blocks."""
    return [" ".join(code.split()) for code in INLINE.findall(FENCE.sub("", text))]


def words(command: str) -> list[str]:
    """A command line as a shell reads it; operators are words of their own."""
    reader = shlex.shlex(command, posix=True, punctuation_chars=True)
    reader.whitespace_split = True
    return list(reader)


def needs_a_shell(command: str) -> bool:
    """Whether a line is more than one call of headstart with its arguments."""
    read = words(command)
    return read[0] != "headstart" or any(set(word) <= OPERATORS for word in read) or "*" in command
