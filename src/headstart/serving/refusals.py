"""Requests that are not answered, each with a status, a code for programs and a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(eq=False)
class Refusal(Exception):  # noqa: N818 - named for what it is to the caller
    """The request is answered with ``status`` and this document.

    Attributes:
        status: HTTP status, 4xx, or 503 while the server stops.
        code: Stable word for programs.
        message: What must hold, what came, what to do; never quotes an input.
        retry_after: Seconds after which it is worth trying again.
    """

    status: int
    code: str
    message: str
    retry_after: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON."""
        return {"error": {"code": self.code, "message": self.message}}

    @property
    def headers(self) -> dict[str, str]:
        """Beside the document."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


def malformed(message: str) -> Refusal:
    """The request cannot be read as what it says it is."""
    return Refusal(400, "malformed", message)


def unusable(message: str) -> Refusal:
    """The request can be read, and does not fit the model or the server's settings."""
    return Refusal(422, "unusable", message)


def too_large(message: str) -> Refusal:
    """More than the limits allow."""
    return Refusal(413, "too_large", message)


def busy(seconds: int) -> Refusal:
    """More waits than can be answered soon."""
    return Refusal(429, "busy", "more requests wait than can be answered soon; send it again later.", seconds)
