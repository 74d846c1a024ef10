"""OpenVINO's core: one for the whole process, and for as long as it lives.

Its plugin for Intel and AMD processors gives the thread that first asks for it a stack for signals, and frees that
stack when the core goes, from whichever thread that happens in. Where the main thread had asked and another one let go
(a server that takes a new model into use), the next signal to the process found freed memory: SIGTERM ended it with
SIGSEGV. Seen with OpenVINO 2026.4; the test fails as soon as a core can go.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from headstart.runtimes.without_telemetry import import_openvino


@lru_cache(maxsize=1)
def the_core() -> Any:
    """``openvino.Core``; raises MissingExtraError where openvino is not installed."""
    return import_openvino().Core()
