"""What the figures were measured on, and with which versions."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

PACKAGES = (
    "headstart",
    "torch",
    "torchvision",
    "timm",
    "fastai",
    "autogluon.multimodal",
    "autogluon.tabular",
    "openvino",
    "onnxruntime",
)
LIST_VERSIONS = """
import importlib.metadata, json, sys
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps(found))
"""


def describe() -> dict[str, Any]:
    """Processor, cores, memory and system; no host name, no paths."""
    cpu = [line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    memory = [int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")]
    return {
        "cpu": cpu[0] if cpu else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory[0] / 2**20, 1) if memory else None,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def versions(python: Path) -> dict[str, str]:
    """Versions of the packages that matter in one environment."""
    listed = subprocess.run([python, "-c", LIST_VERSIONS, *PACKAGES], capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(listed.stdout)
    return found


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()
