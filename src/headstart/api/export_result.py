"""What ``export`` returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.api.results import import_pandas, in_short


@dataclass(frozen=True, repr=False)
class Export:
    """A model that was exported.

    Attributes:
        path: The folder, or the file where one was asked for.
        gate: What gate.json holds: how far its answers are from the run's, milliseconds, bytes.
    """

    path: Path
    gate: Mapping[str, Any]

    def __repr__(self) -> str:
        return in_short(self, path=str(self.path), format=self.gate["format"])

    @property
    def sentence(self) -> str:
        """How it compares with the run, in one sentence."""
        alone, speed = self.gate["alone"], self.gate["milliseconds"]
        return (
            f"As {self.gate['format']} the model answers as the run does: on {alone['n']} raw inputs the largest "
            f"difference is {alone['largest_difference']:.2g}, {alone['changed_decisions']} decisions are others; "
            f"{speed['median']:.1f} ms an input."
        )

    def to_dict(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        return {"path": str(self.path), **self.gate}

    def to_pandas(self) -> Any:
        """One row: the figures of the gate."""
        return import_pandas().json_normalize(self.to_dict())

    def _repr_html_(self) -> str:
        return str(self.to_pandas().T.to_html(header=False))
