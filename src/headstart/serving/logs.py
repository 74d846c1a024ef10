"""One JSON line for each request: what was asked and how it went, never an input or an answer."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

logger = logging.getLogger("headstart.serving")
OTHERS = ("uvicorn.error", "python_multipart")


class JsonLines(logging.Formatter):
    """A record as one JSON object; what a caller adds stands under its own keys."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        document = {"time": when, "level": record.levelname.lower(), "message": record.getMessage()}
        return json.dumps({**document, **getattr(record, "fields", {})}, ensure_ascii=False, default=str)


def set_up(*, requests: bool) -> None:
    """Lines on stderr; with ``requests`` one for each request, else what needs attention alone."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(logging.INFO if requests else logging.WARNING)
    for name in OTHERS:  # what they say of single requests is said by their status
        other = logging.getLogger(name)
        other.handlers, other.propagate = [handler], False
        other.setLevel(logging.ERROR)


def log(message: str, level: int = logging.INFO, **fields: Any) -> None:
    """One line."""
    if logger.isEnabledFor(level):
        logger.log(level, message, extra={"fields": fields})
