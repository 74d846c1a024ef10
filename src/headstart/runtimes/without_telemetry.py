"""OpenVINO and ONNX Runtime imported so that they send nothing. Nobody else imports them.

Both report their use to a server by default, from the import on.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

from headstart.core.errors import MissingExtraError

OPENVINO_TELEMETRY = "openvino_telemetry"
ONNXRUNTIME_SWITCH = "ORT_DISABLE_TELEMETRY"  # since 1.29, which brought telemetry to Linux; read at the import


def import_openvino() -> Any:
    """The ``openvino`` module; raises MissingExtraError when it is not installed.

    OpenVINO reports unless a file in the home folder forbids it, and its own command for opting out reports that too.
    Where ``openvino_telemetry`` cannot be imported it falls back to a stub that sends nothing, so that package is
    hidden while OpenVINO is imported. No file of the user is touched.
    """
    if "openvino" in sys.modules:  # imported by someone else: what that import sent is not ours to undo
        return sys.modules["openvino"]
    before = sys.modules.get(OPENVINO_TELEMETRY)
    sys.modules[OPENVINO_TELEMETRY] = None  # type: ignore[assignment]  # None is Python's own way to make an import fail
    try:
        return importlib.import_module("openvino")
    except ImportError as error:
        raise MissingExtraError("openvino", "openvino", "The runtime 'openvino'") from error
    finally:
        del sys.modules[OPENVINO_TELEMETRY]
        if before is not None:
            sys.modules[OPENVINO_TELEMETRY] = before


def import_onnxruntime() -> Any:
    """The ``onnxruntime`` module; raises MissingExtraError when it is not installed.

    Its switch is an environment variable that must be set before the import: later ones only silence some events, when
    an identifier of the machine was written and an uploader started already. It stays set for this process.
    """
    os.environ[ONNXRUNTIME_SWITCH] = "1"
    try:
        onnxruntime = importlib.import_module("onnxruntime")
    except ImportError as error:
        raise MissingExtraError("onnxruntime", "onnx", "The runtime 'onnxruntime'") from error
    onnxruntime.disable_telemetry_events()  # the switch of older versions, and of an import before ours
    return onnxruntime
