"""Where features are computed and kept, from a request."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from headstart.core.errors import ConfigError
from headstart.core.resources import cache_folder, cpu_count
from headstart.features.network_in_pass import Workshop
from headstart.request.fit_config import FitConfig

UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def threads_of(request: FitConfig) -> int:
    """Processor threads: as asked, else all of this process."""
    return cpu_count() if request.threads == "auto" else request.threads


@contextlib.contextmanager
def open_workshop(request: FitConfig, dry_run: bool) -> Iterator[Workshop]:
    """The store open for as long as the context lasts; a dry run leaves nothing."""
    from headstart.engine.activations.store import Store

    cache = cache_folder() if request.cache == "on" else None
    limit = parse_size(request.cache_size)
    root = cache / "activations" if cache else None
    if dry_run and root and not root.exists():
        root = None  # a dry run does not even leave an empty folder
    with Store.open(root, limit) as store:
        threads = threads_of(request)
        device = "cpu" if request.device == "mps" else request.device  # no runtime uses it yet, so the processor does
        yield Workshop(store, cache or store.root, threads, device, request.runtime)


def parse_size(text: str) -> int:
    """Bytes of a size such as ``10GiB``, ``500 MB`` (taken as MiB) or ``1048576``."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*", text.lower())
    if not match:
        raise ConfigError(f"--cache-size must be a number with a unit, for example 10GiB; got {text!r}.")
    return int(float(match[1]) * UNITS[match[2]])
