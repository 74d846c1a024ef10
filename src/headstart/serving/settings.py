"""What a server may be told, with defaults for one machine and trusted callers."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, model_validator

from headstart.core.config import Config
from headstart.serving.monitor_settings import MonitorConfig

MIB = 1 << 20
# Folder in which several workers count together; Prometheus' library reads it when it is imported.
SHARED = "PROMETHEUS_MULTIPROC_DIR"


class Limits(Config):
    """What one request may hold; more is refused with 413 or 422 before anything is decoded."""

    body_mib: float = Field(20.0, gt=0, description="Size of a request's body.")
    examples: int = Field(256, ge=1, description="Examples in one request.")
    megapixels: float = Field(50.0, gt=0, description="Of a picture, as its header says.")
    seconds: float = Field(120.0, gt=0, description="Of a recording.")
    characters: int = Field(20_000, ge=1, description="Of a text.")

    @property
    def body_bytes(self) -> int:
        """Of a request's body."""
        return int(self.body_mib * MIB)


class ServeConfig(Config):
    """Settings of ``headstart serve``."""

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 for all.")
    port: int = Field(8000, ge=0, le=65535, description="0: any free one, which is printed.")
    workers: int = Field(1, ge=1, description="Processes, each with the model in memory.")
    threads: int | None = Field(None, ge=1, description="Processor threads of a process; default: all, shared out.")
    runtime: str = Field("auto", description="auto, onnxruntime or openvino.")
    batch: int = Field(8, ge=1, description="Most examples computed at once.")
    batch_wait_ms: float = Field(
        0.0, ge=0, description="How long a first example waits for others; 0: only what waits anyway is joined."
    )
    queue: int = Field(512, ge=1, description="Examples that may wait; beyond it requests get 429.")
    queue_seconds: float = Field(2.0, gt=0, description="Longest expected wait; beyond it requests get 429.")
    timeout_seconds: float = Field(30.0, gt=0, description="For reading a request, and for answering it.")
    drain_seconds: float = Field(1.0, ge=0, description="How long requests are still taken after SIGTERM.")
    reload_seconds: float = Field(2.0, ge=0, description="How often a changed bundle is looked for; 0: on SIGHUP only.")
    limits: Limits = Limits()
    api_key_file: Path | None = Field(None, description="Lines with the keys that callers must send.")
    tls_cert: Path | None = Field(None, description="Certificate chain, PEM.")
    tls_key: Path | None = Field(None, description="Its key, PEM.")
    beside: Path | None = Field(None, description="A second bundle, compared with the first on the same requests.")
    share: float = Field(0.0, ge=0, le=1, description="Share of requests that the second answers; 0: none (shadow).")
    feedback: str | None = Field(None, description="SQLite file, or SQLAlchemy URL, that feedback is kept in.")
    keep_inputs: Path | None = Field(None, description="Folder that inputs are kept in; default: none is kept.")
    explain: bool = Field(True, description="Whether answers may be explained; one takes some 50 evaluations.")
    follow_shares: bool = Field(
        False, description="Whether answers are corrected for how often each class comes among the latest examples."
    )
    fetch_from: tuple[str, ...] = Field((), description="Hosts that inputs may be fetched from by URL; default: none.")

    monitor: MonitorConfig = MonitorConfig()

    @model_validator(mode="after")
    def _pairs(self) -> ServeConfig:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key go together")
        return self
