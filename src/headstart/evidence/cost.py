"""What a run cost: wall and processor time, memory."""

from __future__ import annotations

import time
from typing import Any

from headstart.core.resources import cpu_seconds, peak_memory_mib


class Stopwatch:
    """Started with the verb; read when the evidence is written."""

    def __init__(self) -> None:
        self._wall = time.perf_counter()
        self._cpu = cpu_seconds()

    def wall_seconds(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._wall

    def read(self, predict_seconds_per_input: float | None) -> dict[str, Any]:
        """The ``cost`` section; memory is the peak of the whole process."""
        peak = peak_memory_mib()
        return {
            "wall_seconds": round(self.wall_seconds(), 3),
            "cpu_seconds": round(cpu_seconds() - self._cpu, 3),
            "peak_memory_mib": None if peak is None else round(peak, 1),
            "predict_ms_per_input": None
            if predict_seconds_per_input is None
            else round(predict_seconds_per_input * 1e3, 3),
        }
