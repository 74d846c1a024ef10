"""``list_cache`` and ``clear_cache``: what is kept between runs."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from headstart.api.results import Listing
from headstart.core.errors import ConfigError
from headstart.core.resources import MIB, cache_folder

BESIDE = ("graphs", "runtimes", "timings")  # what else a run keeps: exported graphs, measurements


def _folder() -> Path:
    folder = cache_folder()
    if folder.exists() and not folder.is_dir():
        raise ConfigError(
            f"the cache must be a folder; {folder} is a file. Set HEADSTART_CACHE to a folder, or unset it."
        )
    return folder


def list_cache() -> Listing:
    """One row per kind of activation, most recently used first; raises ConfigError where the cache is no folder."""
    from headstart.engine.activations.store import Store

    root = _folder() / "activations"
    if not root.exists():
        return Listing("cache", [])
    with Store.open(root, None) as store:
        rows = [
            {
                "what": f"{kept.parts.get('kind')} {kept.parts.get('name')}",
                "stage": kept.parts.get("stage"),
                "runtime": (kept.parts.get("runtime") or {}).get("name"),
                "rows": kept.rows,
                "mib": round(kept.size_bytes / MIB, 1),
                "last_used": time.strftime("%Y-%m-%d %H:%M", time.localtime(kept.last_used)),
            }
            for kept in store.list()
        ]
    return Listing("cache", rows)


def clear_cache() -> Listing:
    """Remove kept activations that no other process uses, graphs and measurements.

    Raises:
        ConfigError: the cache is no folder.
    """
    from headstart.engine.activations.store import Store

    folder = _folder()
    freed = 0
    if (folder / "activations").exists():
        with Store.open(folder / "activations", None) as store:
            freed = store.clear()
    for name in BESIDE:
        shutil.rmtree(folder / name, ignore_errors=True)
    return Listing("cleared", [{"folder": str(folder), "freed_mib": round(freed / MIB, 1)}])
