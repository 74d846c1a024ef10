"""``doctor``: what this machine can do, one fact per row."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from headstart.api.results import Listing
from headstart.core.resources import MIB, cache_folder, cpu_count

CORE = ("torch", "timm", "numpy", "pillow", "onnx")
EXTRAS = {
    "onnxruntime": "onnx",
    "openvino": "openvino",
    "pandas": "pandas",
    "transformers": "text",
    "tokenizers": "text",
    "soundfile": "audio",
    "scikit-learn": "tables",
    "openpyxl": "excel",
}
WEIGHTS_EXTRAS = {"text": "text", "sound": "audio"}  # extras that hold a modality's embedded weights


def doctor() -> Listing:
    """Machine, packages, runtimes, weights and cache; ``ok`` is False where something a user may want is missing."""
    return Listing("facts", [*_machine(), *_packages(), *_runtimes(), *_tables(), *_weights(), *_cache()])


def _fact(what: str, value: Any, ok: bool = True, hint: str = "") -> dict[str, Any]:
    return {"what": what, "value": str(value), "ok": ok, "hint": hint}


def _machine() -> Iterator[dict[str, Any]]:
    from headstart import __version__

    yield _fact("headstart", __version__)
    yield _fact("python", platform.python_version(), sys.version_info[:2] == (3, 11), "the suite runs on 3.11")
    yield _fact("system", platform.platform(), sys.platform == "linux", "expected to work, untested, but on Linux")
    yield _fact("processors", cpu_count())
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0
    yield _fact("memory", f"{pages / MIB / 1024:.1f} GiB" if pages else "unknown")


def _packages() -> Iterator[dict[str, Any]]:
    for name in (*CORE, *EXTRAS):
        try:
            yield _fact(name, version(name))
        except PackageNotFoundError:
            yield _fact(name, "not installed", False, f"pip install 'headstart[{EXTRAS.get(name, name)}]'")


def _runtimes() -> Iterator[dict[str, Any]]:
    from headstart.runtimes.choice import available

    for (name, precision), found in available().items():
        is_there = not isinstance(found, str)
        yield _fact(
            f"runtime {name} {precision}",
            "available" if is_there else "not here",
            is_there,
            "" if is_there else str(found),
        )


def _tables() -> Iterator[dict[str, Any]]:
    from headstart.data.table_format import ENDINGS

    yield _fact("tables", " ".join(sorted(ENDINGS)))


def _weights() -> Iterator[dict[str, Any]]:
    from headstart.backbones import catalogue
    from headstart.core import plugins

    for modality in plugins.names("data.modalities"):
        card = catalogue.default_card(modality)
        extra = WEIGHTS_EXTRAS.get(modality)
        here = catalogue.is_installed(card)
        hint = f"pip install 'headstart[{extra}]'" if extra else "reinstall headstart"
        yield _fact(f"weights for {modality}: {card.name}", "installed" if here else "missing", here, hint)


def _cache() -> Iterator[dict[str, Any]]:
    folder = cache_folder()
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.exists() else 0
    usable = folder.is_dir() or not os.path.lexists(folder)
    yield _fact("cache folder", folder, usable, "" if usable else "it must be a folder: set HEADSTART_CACHE to another")
    yield _fact("cache size", f"{size / MIB:,.1f} MiB", hint="limit: fit --cache-size, 10GiB unless told")
    there = next(path for path in (folder, *folder.parents, Path.cwd()) if path.exists())
    free = shutil.disk_usage(there).free
    yield _fact("disk free", f"{free / MIB / 1024:.1f} GiB", free > 1024 * MIB, "a run needs up to a gigabyte")
