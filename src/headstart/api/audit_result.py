"""What ``audit`` returns, and audit.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.api.results import import_pandas, in_short
from headstart.core.errors import LeakError

SCHEMA = 1


@dataclass(frozen=True, repr=False)
class Audit:
    """What is wrong with a data set; ``document`` is audit.json, written to ``path`` where a folder was named."""

    document: Mapping[str, Any]
    path: Path | None = None

    @property
    def sentence(self) -> str:
        """The result in one sentence."""
        return str(self.document["sentence"])

    @property
    def exit_code(self) -> int:
        """3 where a finding makes any result meaningless and was not accepted, else 0."""
        return LeakError.exit_code if self.document["refused"] else 0

    @property
    def findings(self) -> list[Mapping[str, Any]]:
        """The worst first."""
        return list(self.document["findings"])

    def __repr__(self) -> str:
        return in_short(self, sentence=self.sentence, path=self.path and str(self.path))

    def to_dict(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        return {**self.document, "path": None if self.path is None else str(self.path)}

    def to_pandas(self) -> Any:
        """One row per finding."""
        columns = ("id", "severity", "what", "action", "count")
        return import_pandas().DataFrame(
            [{key: each[key] for key in columns} for each in self.findings], columns=columns
        )

    def _repr_html_(self) -> str:
        return str(self.to_pandas().to_html(index=False))
