"""How long a command takes to begin."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from quick_parts.ratio import Ratio


def _seconds(*arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
    return time.perf_counter() - began


def _start(_: Path) -> float:
    return _seconds("-m", "headstart", "fit", "--help") / _seconds("-c", "import numpy, scipy, pyarrow")


START = Ratio("start", "`headstart fit --help` over importing numpy, scipy and pyarrow", _start)
