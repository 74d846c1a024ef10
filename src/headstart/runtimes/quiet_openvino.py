"""OpenVINO imported so that it sends nothing.

The package reports its import to a server unless a file in the home folder forbids it, and its own command for
opting out reports that too. It falls back to a stub that sends nothing where ``openvino_telemetry`` cannot be
imported, so that package is hidden while OpenVINO is imported. No file of the user is touched.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

from headstart.core.errors import MissingExtraError

HIDDEN = "openvino_telemetry"


def import_openvino() -> Any:
    """The ``openvino`` module, without telemetry; raises MissingExtraError when it is not installed."""
    if "openvino" in sys.modules:  # imported by someone else: what that import sent is not ours to undo
        return sys.modules["openvino"]
    before = sys.modules.get(HIDDEN)
    sys.modules[HIDDEN] = None  # type: ignore[assignment]  # None is Python's own way to make an import fail
    try:
        return importlib.import_module("openvino")
    except ImportError as error:
        raise MissingExtraError("openvino", "openvino", "The runtime 'openvino'") from error
    finally:
        del sys.modules[HIDDEN]
        if before is not None:
            sys.modules[HIDDEN] = before
