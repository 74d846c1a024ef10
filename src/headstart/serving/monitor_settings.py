"""What a server may be told about watching its model."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator

from headstart.core.config import Config


class MonitorConfig(Config):
    """Settings of the monitor inside ``headstart serve``."""

    enabled: bool = Field(True, description="Whether what is asked and answered is counted.")
    log: Path | None = Field(None, description="File that counts are appended to, so that a restart loses none.")
    window: int = Field(500, ge=1, description="Examples that are judged together.")
    share_of_time: float = Field(
        0.02,
        gt=0,
        le=1,
        description="Of the server's processor time; beyond it examples go uncounted, whatever they are.",
    )
    latency_ms: float | None = Field(
        None, gt=0, description="Limit that 99 of 100 requests are to keep; default: none raises an alarm."
    )
    webhook: str | None = Field(None, description="URL that is sent a JSON document when an alarm begins or ends.")

    @field_validator("webhook")
    @classmethod
    def _is_url(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("http://", "https://")):
            raise ValueError("webhook must begin with http:// or https://")
        return url
