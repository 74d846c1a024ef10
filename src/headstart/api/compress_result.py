"""What ``compress`` returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Compression:
    """Which point was chosen, and what it costs and gains.

    Attributes:
        evidence: evidence.json of the compressed run; its section "compression" tells all that was measured, see
            ``docs/jobs/smaller_and_faster.md``.
        path: Of the new run; None where none was asked for.
    """

    evidence: Mapping[str, Any]
    path: Path | None = None

    @property
    def chosen(self) -> str:
        """Name of the point that ships."""
        return str(self.evidence["compression"]["chosen"])

    def to_dict(self) -> dict[str, Any]:
        """JSON."""
        return {"evidence": dict(self.evidence), "path": None if self.path is None else str(self.path)}
