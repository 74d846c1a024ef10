"""What ``monitor`` returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Monitoring:
    """What changed, and what to do.

    Attributes:
        document: JSON: "verdict", "sentence", "findings", "accuracy", "classes", "advice" and more, see
            ``docs/jobs/monitor_a_model.md``.
        path: Of the folder with monitor.json and monitor.html; None where none was asked for.
    """

    document: Mapping[str, Any]
    path: Path | None = None

    @property
    def has_changed(self) -> bool:
        """Whether there is an alarm."""
        return bool(self.document["alarm"])

    def to_dict(self) -> dict[str, Any]:
        """JSON."""
        return dict(self.document)
