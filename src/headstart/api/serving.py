"""``serve``: predictions over HTTP."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from headstart.core.errors import MissingExtraError

NEEDED = ("fastapi", "uvicorn", "python_multipart", "prometheus_client")


def serve(
    run: str | Path,
    *,
    host: str | None = None,
    port: int | None = None,
    workers: int | None = None,
    threads: int | None = None,
    runtime: str | None = None,
    api_key_file: str | Path | None = None,
    tls_cert: str | Path | None = None,
    tls_key: str | Path | None = None,
    beside: str | Path | None = None,
    share: float | None = None,
    feedback: str | None = None,
    monitor_log: str | Path | None = None,
    keep_inputs: str | Path | None = None,
    settings: Sequence[str] | Mapping[str, Any] = (),
    on_start: Callable[[str], None] | None = None,
    log_requests: bool = True,
) -> None:
    """Answer requests with the bundle of a run until a signal ends it; PyTorch is not imported.

    Args:
        run: A run folder, its ``bundle/``, or a bundle copied elsewhere.
        host: Address to listen on; this machine alone without one.
        port: 8000 without one; 0 for any free one.
        workers: Processes that share the port, each with the model in memory.
        threads: Processor threads of each.
        runtime: "auto", "onnxruntime" or "openvino".
        api_key_file: Keys that callers must send, one a line.
        tls_cert: Certificate chain, PEM; together with ``tls_key``.
        tls_key: Its key, PEM.
        beside: A second bundle, compared with the first on the same requests.
        share: Share of requests (0-1) that the second answers.
        feedback: SQLite file, or URL that SQLAlchemy understands, that feedback is kept in; None: none is.
        monitor_log: File that counts of what is asked and answered are appended to, for ``headstart.monitor``; None:
            they are in memory alone.
        keep_inputs: Folder that inputs are kept in, so that feedback can be learned from; None: none is kept.
        settings: Any other field of ``headstart.serving.settings.ServeConfig``, as ``{"limits.megapixels": 20}`` or
            ``["limits.megapixels=20"]``.
        on_start: Told the URL once requests are answered.
        log_requests: Whether each request gets a line on stderr; never with its inputs.

    Raises:
        ConfigError: no bundle there, an unknown setting, an address that is taken.
        IntegrityError: the bundle is damaged.
        MissingExtraError: a package of the extra ``serve`` is not installed.
    """
    for module in NEEDED:
        if importlib.util.find_spec(module) is None:
            raise MissingExtraError(module.replace("_", "-"), "serve", "serving over HTTP")
    from headstart.request.fit_config import parse_settings
    from headstart.serving.process import serve as answer
    from headstart.serving.settings import ServeConfig

    named = {
        "host": host, "port": port, "workers": workers, "threads": threads, "runtime": runtime, "beside": beside,
        "share": share, "feedback": feedback, "keep_inputs": keep_inputs,
        "api_key_file": api_key_file, "tls_cert": tls_cert, "tls_key": tls_key,
    }  # fmt: skip
    given = {name: value for name, value in named.items() if value is not None}
    wanted = {**given, **_nested(parse_settings(settings))}
    if monitor_log is not None:
        wanted["monitor"] = {**wanted.get("monitor", {}), "log": monitor_log}
    config = ServeConfig.parse(wanted, "serve")
    answer(Path(run), config, started=on_start or (lambda url: None), log_requests=log_requests)


def _nested(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted names as mappings.

    >>> _nested({"limits.examples": 2, "batch": 4})
    {'limits': {'examples': 2}, 'batch': 4}
    """
    found: dict[str, Any] = {}
    for key, value in settings.items():
        first, dot, rest = key.partition(".")
        if dot:
            found.setdefault(first, {})[rest] = value
        else:
            found[first] = value
    return found
