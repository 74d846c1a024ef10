"""Listeners that end a run at a step: by Ctrl-C in this process, by SIGKILL in another."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from shared_run import RUNTIME, Shared

STEPS = ("runtime", "features", "solve", "audit", "evidence", "bundle", "report")


class CtrlC:
    """Raises KeyboardInterrupt when a step begins."""

    def __init__(self, at: str) -> None:
        self.at = at

    def step(self, name: str, total: int) -> None:
        if name == self.at:
            raise KeyboardInterrupt

    def advance(self, count: int = 1) -> None:
        """Goes on."""

    def note(self, text: str) -> None:
        """Goes on."""


KILLED = """
import os, signal, sys
import headstart

class Killer:
    def __init__(self):
        self.left = int(sys.argv[6])
    def step(self, name, total):
        if name == sys.argv[5] and self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.named = name
    def advance(self, count=1):
        if self.named == sys.argv[5] and self.left:
            self.left -= count
            if self.left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def note(self, text):
        pass

data, model, out, runtime = sys.argv[1:5]
options = dict(model=model, method="linear_probe", slices=["place"], settings=[runtime])
headstart.fit(data, out=out, progress=Killer(), **options)
"""


def killed(shared: Shared, out: Path, step: str, after: int = 0, cache: Path | None = None) -> int:
    """Fit in a process that kills itself when a step begins, or ``after`` units into it; returns its exit status."""
    environment = {**os.environ, "HEADSTART_CACHE": str(cache or shared.cache)}
    runtime = "=".join(*RUNTIME.items())
    arguments = [str(shared.photos), str(shared.model), str(out), runtime, step, str(after)]
    return subprocess.run([sys.executable, "-c", KILLED, *arguments], env=environment, check=False).returncode
