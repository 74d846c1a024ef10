"""What was measured of runtimes, remembered per machine and model."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import UserError
from headstart.core.files import check_schema, read_json, sha256_json, write_json

logger = logging.getLogger(__name__)

SCHEMA = 2  # 1 held images_per_second


class Measured(Config):
    """One runtime on one slice."""

    inputs_per_second: float = Field(0.0, ge=0, description="At its batch size, warmed up, of the usual length.")
    setup_seconds: float = Field(0.0, ge=0, description="Before the first input, the ONNX export included if it ran.")
    cosine: float | None = Field(None, description="Smallest to the reference; None of the reference itself.")
    failure: str | None = Field(None, description="Why it cannot be used.")


class Measurements:
    """A JSON file of measurements; one that cannot be read counts as empty and is written anew."""

    def __init__(self, cache_folder: Path, key: Mapping[str, Any]) -> None:
        self.key = dict(key)
        self.path = cache_folder / "runtimes" / f"{sha256_json(self.key)[:32]}.json"
        self._entries = self._read()

    def _read(self) -> dict[str, Measured]:
        if not self.path.exists():
            return {}
        try:
            document = read_json(self.path)
            check_schema(document, SCHEMA, self.path.name)
            return {label: Measured.parse(entry, label) for label, entry in document["measured"].items()}
        except (UserError, AttributeError, KeyError, TypeError, ValueError, OSError) as error:
            logger.warning("remembered measurements are taken again: %s", error)
            return {}

    def get(self, address: Mapping[str, Any]) -> Measured | None:
        """What is known of a choice, by its address."""
        return self._entries.get(sha256_json(address))

    def put(self, address: Mapping[str, Any], measured: Measured) -> None:
        """Remember; where the folder cannot be written, for this process only."""
        self._entries[sha256_json(address)] = measured
        entries = {label: entry.model_dump(mode="json") for label, entry in self._entries.items()}
        try:
            write_json(self.path, {"schema": SCHEMA, "key": self.key, "measured": entries})
        except OSError as error:
            logger.warning("measurements cannot be remembered in %s: %s", self.path.parent, error)
