"""What ``explain`` returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.api.results import import_pandas, in_short

MOST_UNITS = 3  # that are named in a table


@dataclass(frozen=True, repr=False)
class Explanations:
    """One document for each input, as in explanations.jsonl; written to ``path`` where a folder was named."""

    documents: tuple[Mapping[str, Any], ...]
    path: Path | None = None

    @property
    def failed(self) -> int:
        """How many inputs could not be used."""
        return sum(document["error"] is not None for document in self.documents)

    def __repr__(self) -> str:
        return in_short(self, count=len(self.documents), failed=self.failed, path=self.path and str(self.path))

    def to_dict(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        return {
            "count": len(self.documents),
            "failed": self.failed,
            "path": None if self.path is None else str(self.path),
            "explanations": [dict(document) for document in self.documents],
        }

    def to_pandas(self) -> Any:
        """One row for each input: what was predicted, the units that count most, and the checks."""
        return import_pandas().DataFrame([in_a_row(document) for document in self.documents])

    def _repr_html_(self) -> str:
        return str(self.to_pandas().head(20).to_html(index=False))


@dataclass(frozen=True, repr=False)
class ExplainedMistakes:
    """What the mistakes of a run's report rest on; ``document`` is explanations.json, ``report`` the page."""

    path: Path
    document: Mapping[str, Any]
    report: Path

    def __repr__(self) -> str:
        return in_short(self, path=str(self.path), count=len(self.document["mistakes"]))

    def to_dict(self) -> dict[str, Any]:
        """What ``--json`` prints: explanations.json, with the paths."""
        return {"run": str(self.path), "report": str(self.report), **self.document}

    def to_pandas(self) -> Any:
        """One row for each mistake: what is explained, and the answer without the parts that speak most for it."""
        return import_pandas().DataFrame([_mistake(each) for each in self.document["mistakes"]])

    def _repr_html_(self) -> str:
        return str(self.to_pandas().to_html(index=False))


@dataclass(frozen=True, repr=False)
class ExplainedClasses:
    """What drives each class over a data set; ``document`` is by_class.json, in ``path`` where a folder was named."""

    document: Mapping[str, Any]
    path: Path | None = None

    def __repr__(self) -> str:
        return in_short(self, classes=len(self.document["classes"]), path=self.path and str(self.path))

    def to_dict(self) -> dict[str, Any]:
        """What ``--json`` prints: by_class.json, with the path."""
        return {"path": None if self.path is None else str(self.path), **self.document}

    def to_pandas(self) -> Any:
        """One row for each class and unit; of pictures one for each class."""
        rows = [
            {"class": each["class"], "unit": unit["name"], "examples": unit["examples"], **_bounds(unit["mean"])}
            for each in self.document["classes"]
            for unit in each.get("units", ())
        ]
        outer = [
            {"class": each["class"], "examples": each["examples"], **_bounds(each["outer"]["share"])}
            for each in self.document["classes"]
            if "outer" in each
        ]
        return import_pandas().DataFrame(rows or outer)

    def _repr_html_(self) -> str:
        return str(self.to_pandas().to_html(index=False))


def _bounds(figure: Mapping[str, Any]) -> dict[str, Any]:
    return {name: figure[name] for name in ("value", "low", "high")}


def _mistake(each: Mapping[str, Any]) -> dict[str, Any]:
    taken = (each.get("checks") or {}).get("taken_away") or {}
    return {
        "id": each["id"],
        **{name: each.get(name) for name in ("explained", "score", "method")},
        "without_marked": taken.get("marked"),
        "without_random": taken.get("random"),
        "error": each["error"],
    }


def in_a_row(document: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of one explanation; None where there is none."""
    checks = document.get("checks") or {}
    measured = checks.get("curves") or {}
    return {
        "id": document["id"],
        "prediction": document.get("prediction"),
        "explained": document.get("explained"),
        "score": document.get("score"),
        "method": document.get("method"),
        "most": "; ".join(name for name, _ in most(document)) or None,
        **{name: measured.get(name) for name in ("deletion", "insertion", "random")},
        "random_weights": (checks.get("random_weights") or {}).get("rank_correlation"),
        "error": document["error"],
    }


def most(document: Mapping[str, Any], count: int = MOST_UNITS) -> list[tuple[str, float]]:
    """Names and figures of the units that speak most for what is explained, the first most; none that speak against."""
    if document["error"] is not None:
        return []
    flat = [value for row in document["values"] for value in (row if isinstance(row, list) else [row])]
    pairs = sorted(zip(document["names"], flat, strict=True), key=lambda pair: -pair[1])
    return [(name, value) for name, value in pairs[:count] if value > 0]
