"""How many threads a verb may use."""

from __future__ import annotations

from headstart.core.errors import ConfigError


def require_threads(threads: int | None) -> None:
    """Raise ConfigError unless ``threads`` is at least 1, or None."""
    if threads is not None and threads < 1:
        raise ConfigError(f"--threads must be at least 1; got {threads}. Leave it out to use every processor.")
