"""Memory of a network on the target: the most that a process of its own holds while it loads a graph and answers.

A process that did other things before holds what those took, and a runtime keeps what it once had, so every graph is
measured in a fresh process. What that holds with the runtime loaded, before it reads the graph, is told apart: it is
the same whatever the network.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.compression.running import Target

logger = logging.getLogger(__name__)
STATUS = Path("/proc/self/status")
PEAK = "VmHWM:"  # not getrusage's: that holds what the parent had when it began the process
LONGEST_SECONDS = 300


@dataclass(frozen=True)
class Memory:
    """Resident bytes of a process.

    Attributes:
        runtime: The most with the runtime loaded and no graph.
        peak: The most until a batch was answered.
    """

    runtime: int
    peak: int

    @property
    def graph(self) -> int:
        """What the graph, its weights and its activations added."""
        return self.peak - self.runtime


def memory_of(target: Target, graph: Path, precision: str, batch: NDArray[Any]) -> Memory | None:
    """Measured in a fresh process; None where the system does not tell (it is asked as Linux is), or it fails.

    Args:
        target: What computes there.
        graph: ONNX file with one input and "features".
        precision: Of the graph on the target.
        batch: ``(B, ...)`` prepared inputs, answered as many at a time as the runtime takes them.
    """
    if not STATUS.exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.npy"
        np.save(rows, batch)
        asked = {"target": asdict(target), "graph": str(graph), "precision": precision, "rows": str(rows)}
        command = [sys.executable, "-m", __name__, json.dumps(asked)]
        try:
            found = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=True)
            return Memory(**json.loads(found.stdout.splitlines()[-1]))
        except (subprocess.SubprocessError, OSError) as error:
            told = str(getattr(error, "stderr", None) or error).strip()
            logger.warning("memory of %s was not measured: %s", graph.name, told.splitlines()[-1])
            return None


def main(asked: str) -> None:
    """In the fresh process: load, answer, tell on standard output."""
    from headstart.runtimes.process_settings import settle_process

    settle_process()
    given = json.loads(asked)
    target, rows = Target(**given["target"]), np.load(given["rows"], allow_pickle=False)
    target.load()
    runtime = _peak()
    compute = target.compute(Path(given["graph"]), len(rows), str(rows.dtype), given["precision"])
    compute(rows)
    sys.stdout.write(json.dumps({"runtime": runtime, "peak": _peak()}) + "\n")


def _peak() -> int:
    """Bytes that this process held at most."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(PEAK))
    return 1024 * int(line.split()[1])


if __name__ == "__main__":
    main(sys.argv[1])
