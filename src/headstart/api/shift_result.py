"""What ``audit --against`` returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ShiftAudit:
    """The kind of a shift and what carries it.

    Attributes:
        document: JSON: "kind", "strength", "sentence", "separation", "classes", "accuracy", "carriers", "examples",
            "advice"; see ``docs/jobs/my_data_moved.md``.
        path: Of the folder with shift.json and shift.html; None where none was asked for.
    """

    document: Mapping[str, Any]
    path: Path | None = None

    @property
    def sentence(self) -> str:
        """The result for people who train no models."""
        return str(self.document["sentence"])

    def to_dict(self) -> dict[str, Any]:
        """JSON."""
        return dict(self.document)
