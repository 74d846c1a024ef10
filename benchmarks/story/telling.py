"""A story as Markdown: what was typed, what came back, and a word between."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

MOST_LINES = 30  # of what a command says


@dataclass
class Telling:
    """Commands run in ``folder``, where paths are short.

    Attributes:
        names: Longer paths by what they are called in the story.
        lines: Of the page so far.
    """

    folder: Path
    names: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def title(self, text: str) -> None:
        """A step."""
        self.say(f"## {text}")

    def say(self, text: str) -> None:
        """A paragraph."""
        print(text, flush=True)
        self.lines += [text, ""]

    def quote(self, text: str) -> None:
        """What something said."""
        kept = self._named(text).rstrip().splitlines()
        if len(kept) > MOST_LINES:
            kept = [*kept[: MOST_LINES - 1], f"... ({len(kept) - MOST_LINES + 1} lines more)"]
        self.say("\n".join(["```", *kept, "```"]))

    def run(self, *words: str, may_fail: bool = False) -> str:
        """``headstart WORDS``, told with its answer and seconds; raises RuntimeError where it fails."""
        began = time.perf_counter()
        done = subprocess.run(
            [str(Path(sys.executable).with_name("headstart")), *words], cwd=self.folder, env=self.environment(),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        seconds = time.perf_counter() - began
        answer = "\n".join(part.strip() for part in (done.stdout, done.stderr) if part.strip())
        if done.returncode and not may_fail:
            raise RuntimeError(f"headstart {' '.join(words)} ended with {done.returncode}:\n{answer[-3000:]}")
        told = f"{seconds:.1f} s" + (f", exit code {done.returncode}" if done.returncode else "")
        self.quote(f"$ headstart {' '.join(words)}\n{answer}\n({told})")
        return answer

    @staticmethod
    def environment() -> dict[str, str]:
        """Of the commands."""
        return {key: value for key, value in os.environ.items() if key != "OPENBLAS_CORETYPE"}

    def _named(self, text: str) -> str:
        for path, name in sorted({**self.names, str(self.folder) + "/": "", str(self.folder): "."}.items(),
                                 key=lambda pair: -len(pair[0])):  # fmt: skip
            text = text.replace(path, name)
        return text

    def page(self) -> str:
        """All of it."""
        return "\n".join(self.lines).rstrip() + "\n"
