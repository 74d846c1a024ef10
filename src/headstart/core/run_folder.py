"""A run on disk: written step by step, readable at any moment, held by one process."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any

from headstart.core.errors import ConfigError, IntegrityError
from headstart.core.files import read_json, require_new_folder, write_json
from headstart.core.records import append_record, read_records

logger = logging.getLogger(__name__)


class RunFolder:
    """Paths and records of one run; creates nothing until something is written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.request = path / "request.yaml"
        self.config = path / "config.yaml"
        self.plan = path / "plan.json"
        self.audit = path / "audit.json"
        self.decisions = path / "decisions.jsonl"
        self.metrics = path / "metrics.jsonl"
        self.log = path / "run.log"
        self.predictions = path / "predictions" / "test.parquet"
        self.held_out = path / "predictions" / "held_out.parquet"
        self.examples = path / "examples.json"
        self.explanations = path / "explanations.json"
        self.evidence = path / "evidence.json"
        self.robustness = path / "robustness.json"
        self.report = path / "report.html"
        self.bundle = path / "bundle"
        self.checkpoints = path / "checkpoints"
        self.lock = path / ".lock"

    @property
    def is_started(self) -> bool:
        """Whether a request was written here."""
        return self.request.exists()

    @property
    def is_finished(self) -> bool:
        """Whether the last file of a run, the report, is there."""
        return self.report.exists()

    def require_new(self) -> None:
        """Raise ConfigError when the folder already holds something."""
        if self.is_started:
            require_new_folder(self.path, "another run", ", or go on with an unfinished run with --resume")
        else:
            require_new_folder(self.path)

    def decide(self, name: str, value: Any, reason: str) -> None:
        """Write down a decision before it is used; the same decision again (after a resume) is not repeated."""
        if self.decision(name) != value:
            append_record(self.decisions, {"name": name, "value": value, "reason": reason})
            logger.info("decided %s: %s", name, reason)

    def decision(self, name: str) -> Any:
        """The latest value decided under ``name``, or None."""
        records = read_records(self.decisions)
        if any(not {"name", "value"} <= record.keys() for record in records):
            raise IntegrityError(
                f"each line of {self.decisions} must have a name and a value; one has not. "
                "Begin a new run with another --out."
            )
        found = [record["value"] for record in records if record["name"] == name]
        return found[-1] if found else None

    def scalar(self, name: str, value: float, step: int = 0) -> None:
        """One number of the run, for example ``activations/decoded``."""
        append_record(self.metrics, {"name": name, "value": value, "step": step, "time": round(time.time(), 3)})

    def write_evidence(self, evidence: dict[str, Any]) -> None:
        """Write evidence.json atomically."""
        write_json(self.evidence, evidence)

    def read_evidence(self) -> dict[str, Any]:
        """Read evidence.json; raises ConfigError when the run is not finished."""
        if not self.evidence.exists():
            raise ConfigError(f"{self.path} must be a finished run; it has no evidence.json. Finish it with --resume.")
        document: dict[str, Any] = read_json(self.evidence)
        return document
