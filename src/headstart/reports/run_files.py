"""A run folder as the report reads it: JSON and text files, every string made fit to be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headstart.core.errors import IntegrityError
from headstart.core.files import check_schema, read_json
from headstart.core.records import read_records
from headstart.core.run_folder import RunFolder
from headstart.reports.names import about_rows
from headstart.reports.predictions import Predictions, read_predictions
from headstart.reports.showable import showable
from headstart.reports.task_facts import kind_of

NEWEST_SCHEMA = 1


@dataclass(frozen=True)
class RunFiles:
    """What the report knows. Everything but ``evidence`` may be empty.

    Attributes:
        name: The run folder's name.
        evidence: evidence.json.
        plan: plan.json.
        decisions: The lines of decisions.jsonl.
        config: config.yaml.
        mistakes: ``mistakes`` of examples.json; None when there are some that were not asked for.
        explanations: explanations.json by id of the mistake; empty where there are none or no examples may be shown.
        audit: audit.json; None when there is one that may not be shown, since it names examples.
        robustness: robustness.json, where corruptions were tried.
        predictions: predictions/test.parquet; None where there is none, or examples may not be named.
    """

    name: str
    evidence: Mapping[str, Any]
    plan: Mapping[str, Any] = field(default_factory=dict)
    decisions: tuple[Mapping[str, Any], ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    mistakes: tuple[Mapping[str, Any], ...] | None = ()
    explanations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    audit: Mapping[str, Any] | None = field(default_factory=dict)
    robustness: Mapping[str, Any] = field(default_factory=dict)
    predictions: Predictions | None = None

    def section(self, name: str) -> Mapping[str, Any]:
        """A part of the evidence that is an object; empty where it is absent."""
        return mapping(self.evidence.get(name))

    @property
    def primary(self) -> str:
        """Name of the metric that decides."""
        return str(self.evidence.get("primary") or "accuracy")

    @property
    def is_evaluation(self) -> bool:
        """Whether ``evaluate`` wrote this, on data that somebody gave it: nobody kept these from the model."""
        return not self.config and "verdict" not in self.evidence and "guard" not in self.evidence

    @property
    def about_ids(self) -> str:
        """What examples are called by where that is their row; empty where they have names."""
        return about_rows(() if self.predictions is None else self.predictions.ids, self.config.get("id"))

    @property
    def n_test(self) -> int | None:
        """Number of test examples, where the evidence tells."""
        n = self.section("n").get("test")
        return int(n) if isinstance(n, int | float) else None


def mapping(value: Any) -> Mapping[str, Any]:
    """``value`` if it is an object, else an empty one: an absent part of a file is no error."""
    return value if isinstance(value, Mapping) else {}


def listing(value: Any) -> list[Any]:
    """``value`` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def read_run(folder: Path, *, examples: bool = True) -> RunFiles:
    """Read what the report needs from a run folder.

    Raises:
        ConfigError: there is no evidence.json, so the run is not finished.
        IntegrityError: a file does not parse, or was written by a newer version.
    """
    run = RunFolder(folder)
    evidence = checked(run.read_evidence(), "evidence.json")
    config = _read_config(run.config)
    examples = examples and config.get("examples") is not False  # a run that was asked to show none stays so
    hidden = not examples and run.examples.exists()
    mistakes = None if hidden else listing(read_optional(run.examples).get("mistakes"))
    return RunFiles(
        name=showable(folder.absolute().name),
        evidence=evidence,
        plan=read_optional(run.plan),
        decisions=tuple(showable(read_records(run.decisions))),
        config=config,
        mistakes=None if mistakes is None else tuple(item for item in mistakes if isinstance(item, Mapping)),
        explanations=_read_explanations(run.explanations) if examples else {},
        audit=read_optional(run.audit) if examples or not run.audit.exists() else None,
        robustness=read_optional(run.robustness),
        predictions=read_predictions(run.predictions, kind_of(evidence.get("task"))) if examples else None,
    )


def read_optional(path: Path) -> Mapping[str, Any]:
    """A JSON object from a file, fit to be shown; empty where there is no file.

    Raises:
        IntegrityError: it does not parse, or was written by a newer version.
    """
    return checked(read_json(path), path.name) if path.exists() else {}


def checked(document: Any, name: str) -> Mapping[str, Any]:
    """A JSON object of a schema that this version reads, every string in it made fit to be shown."""
    if not isinstance(document, Mapping):
        raise IntegrityError(f"{name} must hold one JSON object; it holds {type(document).__name__}. Write it again.")
    check_schema(document, NEWEST_SCHEMA, name)
    return mapping(showable(document))


def _read_explanations(path: Path) -> dict[str, Mapping[str, Any]]:
    """Those that could be made, by the id of their mistake, in their order."""
    read = [mapping(each) for each in listing(read_optional(path).get("mistakes"))]
    return {str(each.get("id")): each for each in read if each and each.get("error") is None}


def _read_config(path: Path) -> Mapping[str, Any]:
    if not path.exists():
        return {}
    import yaml

    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where it was compiled
        return mapping(showable(yaml.load(path.read_text(encoding="utf-8"), loader)))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        why = " ".join(str(error).split())
        raise IntegrityError(f"{path.name} must be YAML; it does not parse ({why}). Write it again.") from None
