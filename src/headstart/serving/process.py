"""The process that listens: one, or several that share a socket."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

from headstart import bundle
from headstart.core.errors import ConfigError
from headstart.serving.settings import SHARED, ServeConfig
from headstart.serving.worker import work
from headstart.serving.workers import Workers


def listen(config: ServeConfig) -> socket.socket:
    """A socket that is bound and not yet listened to.

    Raises:
        ConfigError: the address is taken, or none of this machine.
    """
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((config.host, config.port))
    except OSError as error:
        found.close()
        raise ConfigError(
            f"--host and --port must be a free address of this machine; {config.host}:{config.port} is not "
            f"({error.strerror}). Name another port, or 0 for any free one."
        ) from error
    found.set_inheritable(True)
    return found


def url_of(listening: socket.socket, config: ServeConfig) -> str:
    """Where a browser finds it."""
    host = "127.0.0.1" if config.host == "0.0.0.0" else config.host  # noqa: S104 - compared, not bound
    host = f"[{host}]" if ":" in host else host
    return f"{'https' if config.tls_cert else 'http'}://{host}:{listening.getsockname()[1]}"


def serve(run: Path, config: ServeConfig, *, started: Callable[[str], None], log_requests: bool = True) -> None:
    """Answer requests until a signal ends it.

    Args:
        run: A run folder, its ``bundle/``, or a bundle copied elsewhere.
        config: Settings.
        started: Told the URL once requests are answered.
        log_requests: Whether each request gets a line in the log.

    Raises:
        ConfigError, IntegrityError, MissingExtraError, BackendError: it cannot begin.
    """
    bundle.read(run)  # what is wrong with it is said before anything is opened
    _check_tls(config)
    listening = listen(config)
    if config.workers == 1:
        work(listening, run, config, log_requests, lambda: started(url_of(listening, config)))
        return
    with tempfile.TemporaryDirectory(prefix="headstart-metrics-") as counted:
        os.environ[SHARED] = counted
        if config.monitor.log is None:  # the workers add up their counts in a file
            monitor = config.monitor.model_copy(update={"log": Path(counted) / "monitor.jsonl"})
            config = config.model_copy(update={"monitor": monitor})
        Workers(listening, run, config, log_requests).run(lambda: started(url_of(listening, config)))


def _check_tls(config: ServeConfig) -> None:
    for name, path in (("--tls-cert", config.tls_cert), ("--tls-key", config.tls_key)):
        if path is not None and not path.is_file():
            raise ConfigError(f"{name} must be a PEM file; {path} is none.")
