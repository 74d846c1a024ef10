"""What ``adapt`` returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Adaptation:
    """Which adapter was chosen, and why.

    Attributes:
        evidence: evidence.json of the adapted run; its section "adaptation" tells all that was tried, see
            ``docs/jobs/my_data_moved.md``.
        path: Of the new run; None where none was asked for.
    """

    evidence: Mapping[str, Any]
    path: Path | None = None

    @property
    def method(self) -> str:
        """Name of the adapter."""
        return str(self.evidence["adaptation"]["method"])

    def to_dict(self) -> dict[str, Any]:
        """JSON."""
        return {"evidence": dict(self.evidence), "path": None if self.path is None else str(self.path)}
