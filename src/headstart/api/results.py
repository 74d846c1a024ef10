"""What verbs return: frozen, readable as JSON, as a table and in a notebook."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


def import_pandas() -> Any:
    """The package, which is optional: raises MissingExtraError where it is not installed."""
    try:
        import pandas
    except ImportError:
        from headstart.core.errors import MissingExtraError

        raise MissingExtraError("pandas", "pandas", "to_pandas()") from None
    return pandas


def in_short(result: object, **facts: Any) -> str:
    """A result on one line: the documents that it holds fill screens."""
    return f"{type(result).__name__}({', '.join(f'{name}={value!r}' for name, value in facts.items())})"


@dataclass(frozen=True, repr=False)
class Plan:
    """What a fit is about to do; ``document`` is plan.json."""

    document: Mapping[str, Any]

    def __repr__(self) -> str:
        return in_short(
            self, data=self.document["data"]["name"], task=self.document["task"], seconds=self.document["seconds"]
        )

    def to_dict(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        return dict(self.document)

    def to_pandas(self) -> Any:
        """One row per step."""
        return import_pandas().DataFrame(self.document["steps"])

    def _repr_html_(self) -> str:
        return str(self.to_pandas().to_html(index=False))


@dataclass(frozen=True, repr=False)
class Run:
    """A finished run.

    Attributes:
        path: Its folder.
        evidence: What evidence.json holds, for example ``evidence["test"]["accuracy"]["value"]``.
    """

    path: Path
    evidence: Mapping[str, Any]

    @property
    def sentence(self) -> str:
        """The result in one sentence."""
        return str(self.evidence["sentence"])

    @property
    def report(self) -> Path:
        """The page to look at."""
        return self.path / "report.html"

    @property
    def bundle(self) -> Path:
        """The folder to ship."""
        return self.path / "bundle"

    @property
    def plan(self) -> Mapping[str, Any]:
        """plan.json; empty where it is not there any more."""
        path = self.path / "plan.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def __repr__(self) -> str:
        return in_short(self, path=str(self.path), sentence=self.sentence)

    def to_dict(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        return {
            "run": str(self.path),
            "sentence": self.sentence,
            "report": str(self.report),
            "bundle": str(self.bundle),
            "evidence": dict(self.evidence),
        }

    def to_pandas(self) -> Any:
        """The comparisons, one row each."""
        return _comparison_table(self.evidence)

    def _repr_html_(self) -> str:
        from headstart.reports.summary import summary_html

        return summary_html(dict(self.evidence))


@dataclass(frozen=True, repr=False)
class Seeds:
    """Runs of one fit with several seeds; ``document`` is seeds.json: the metric over seeds and data."""

    path: Path
    runs: tuple[Run, ...]
    document: Mapping[str, Any]

    @property
    def sentence(self) -> str:
        """The result in one sentence."""
        return str(self.document["sentence"])

    def __repr__(self) -> str:
        return in_short(self, path=str(self.path), sentence=self.sentence)

    def to_dict(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        return {"path": str(self.path), "runs": [str(run.path) for run in self.runs], **self.document}

    def to_pandas(self) -> Any:
        """One row per seed."""
        rows = [
            {"run": run.path.name, self.document["primary"]: self.document["values"][run.path.name],
             "chosen": self.document["chosen"][run.path.name]}
            for run in self.runs
        ]  # fmt: skip
        return import_pandas().DataFrame(rows)

    def _repr_html_(self) -> str:
        return str(self.to_pandas().to_html(index=False))


@dataclass(frozen=True, repr=False)
class Evaluation:
    """A run's model on other labelled data.

    Attributes:
        evidence: As of a run, without what an evaluation does not solve again.
        path: The file that it was written to, None where no folder was named.
    """

    evidence: Mapping[str, Any]
    path: Path | None = None

    def __repr__(self) -> str:
        return in_short(self, sentence=self.evidence["sentence"], path=self.path and str(self.path))

    def to_dict(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        return {"evidence": dict(self.evidence), "path": None if self.path is None else str(self.path)}

    def to_pandas(self) -> Any:
        """The metrics, one row each."""
        rows = [{"metric": name, **value} for name, value in self.evidence["test"].items() if "value" in value]
        return import_pandas().DataFrame(rows)

    def _repr_html_(self) -> str:
        from headstart.reports.summary import summary_html

        return summary_html(dict(self.evidence))


@dataclass(frozen=True)
class Check:
    """One thing that must hold of a run: ``holds`` is None where it could not be checked, ``why`` says why."""

    what: str
    holds: bool | None
    why: str = ""


@dataclass(frozen=True, repr=False)
class Verification:
    """What was checked of a run."""

    path: Path
    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing that was checked is otherwise."""
        return all(check.holds is not False for check in self.checks)

    def __repr__(self) -> str:
        return in_short(self, path=str(self.path), holds=self.holds)

    def to_dict(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        return {"run": str(self.path), "holds": self.holds, "checks": [asdict(check) for check in self.checks]}

    def to_pandas(self) -> Any:
        """One row per check."""
        return import_pandas().DataFrame(self.to_dict()["checks"])

    def _repr_html_(self) -> str:
        return str(self.to_pandas().to_html(index=False))


@dataclass(frozen=True, repr=False)
class Robustness:
    """What corruptions cost a run's model; ``document`` is robustness.json."""

    path: Path
    document: Mapping[str, Any]

    @property
    def sentence(self) -> str:
        """The result in one sentence."""
        return str(self.document["sentence"])

    def __repr__(self) -> str:
        return in_short(self, path=str(self.path), sentence=self.sentence)

    def to_dict(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        return {"run": str(self.path), **self.document}

    def to_pandas(self) -> Any:
        """One row per corruption and strength."""
        primary = self.document["primary"]
        rows = [
            {"corruption": each["name"], "part": each["part"], "unit": each["unit"], "strength": point["strength"],
             primary: point[primary]["value"], "change": point["change"]["value"]}
            for each in self.document["corruptions"] for point in each["points"]
        ]  # fmt: skip
        return import_pandas().DataFrame(rows)

    def _repr_html_(self) -> str:
        return str(self.to_pandas().to_html(index=False))


@dataclass(frozen=True, repr=False)
class Predictions:
    """How many examples were predicted and where the rows are; ``rows`` is empty when they went to a file.

    ``types`` says of each column whether it holds "text", a "number" or a "flag", so that a file of text reads back as
    it was written; ``notes`` are sentences about inputs that were not quite as expected, such as values that count as
    missing.
    """

    count: int
    failed: int
    out: Path | None
    class_names: tuple[str, ...]
    rows: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    types: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return in_short(self, count=self.count, failed=self.failed, out=self.out and str(self.out))

    def to_dict(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        return {
            "count": self.count,
            "failed": self.failed,
            "out": None if self.out is None else str(self.out),
            "class_names": list(self.class_names),
            "notes": list(self.notes),
            "rows": [dict(row) for row in self.rows],
        }

    def to_pandas(self) -> Any:
        """One row per input, read back from the file if they went to one."""
        pandas = import_pandas()
        if self.out is None:
            return pandas.DataFrame(self.to_dict()["rows"])
        if self.out.suffix == ".parquet":
            return pandas.read_parquet(self.out)
        if self.out.suffix == ".xlsx":
            return pandas.DataFrame(_workbook_rows(self.out, self.types))
        with self.out.open(encoding="utf-8", newline="") as lines:  # pandas' own readers guess types and round
            rows = _csv_rows(lines, self.types) if self.out.suffix == ".csv" else map(json.loads, lines)
            return pandas.DataFrame(list(rows))

    def _repr_html_(self) -> str:
        return str(self.to_pandas().head(20).to_html(index=False))


@dataclass(frozen=True, repr=False)
class Listing:
    """What there is: models, methods, tasks, or the facts about this machine; one mapping per row."""

    kind: str
    rows: Sequence[Mapping[str, Any]]

    def __repr__(self) -> str:
        return in_short(self, kind=self.kind, count=len(self.rows))

    def to_dict(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        return {self.kind: [dict(row) for row in self.rows]}

    def to_pandas(self) -> Any:
        """One row each."""
        return import_pandas().DataFrame([dict(row) for row in self.rows])

    def _repr_html_(self) -> str:
        return str(self.to_pandas().to_html(index=False))


@dataclass(frozen=True, repr=False)
class Ranking:
    """Candidates in order, the most promising one first; ``document`` is ranking.json.

    It is written to ``path`` where a folder was named.
    """

    document: Mapping[str, Any]
    path: Path | None = None

    @property
    def sentence(self) -> str:
        """The result in one sentence."""
        return str(self.document["sentence"])

    @property
    def command(self) -> str:
        """The fit to go on with, as one would type it."""
        return str(self.document["command"])

    @property
    def names(self) -> tuple[str, ...]:
        """Of the candidates, in order."""
        return tuple(row["name"] for row in self.document["candidates"])

    def __repr__(self) -> str:
        return in_short(self, sentence=self.sentence, path=self.path and str(self.path))

    def to_dict(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        return dict(self.document)

    def to_pandas(self) -> Any:
        """One row per candidate; the score and the votes in columns of their own."""
        rows = []
        for row in self.document["candidates"]:
            plain = {key: value for key, value in row.items() if not isinstance(value, Mapping)}
            spans = {name: {"": row[name]["value"], "_low": row[name]["low"], "_high": row[name]["high"]}
                     for name in ("score", "behind")}  # fmt: skip
            split = {f"{name}{end}": value for name, span in spans.items() for end, value in span.items()}
            rows.append({**plain, **split, **row["votes"]})
        return import_pandas().DataFrame(rows)

    def _repr_html_(self) -> str:
        return str(self.to_pandas().to_html(index=False))


READ: dict[str, Callable[[str], Any]] = {"number": float, "flag": lambda text: text == "true"}


def _workbook_rows(path: Path, types: Mapping[str, str]) -> list[dict[str, Any]]:
    """Rows of a workbook: numbers have 15 digits, and an empty cell is what :func:`_csv_rows` makes of it."""
    from headstart.data import tables

    columns = tables.load(path)
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    for row in rows:
        row |= {name: float(row[name]) for name in row if types.get(name) == "number" and row[name] is not None}
        if row["error"] is None:
            row |= {name: row[name] or "" for name in ("prediction", "set") if types.get(name) == "text"}
    return rows


def _csv_rows(lines: Iterable[str], types: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Rows as they were written: text stays text (a class may be called "007" or "NA").

    An empty cell is None, but for a prediction or a set of no label at all, which is an empty text.
    """
    for row in csv.DictReader(lines):
        values: dict[str, Any] = {name: text or None for name, text in row.items()}
        values |= {name: READ[types[name]](text) for name, text in row.items() if text and types.get(name) in READ}
        if not row["error"]:
            values |= {name: row[name] for name in ("prediction", "set") if types.get(name) == "text"}
        yield values


def _comparison_table(evidence: Mapping[str, Any]) -> Any:
    primary = evidence["primary"]
    rows = [{"name": evidence["verdict"]["chosen"], **evidence["test"][primary]}]
    for comparison in evidence["comparisons"]:
        difference = {f"difference_{key}": value for key, value in comparison["difference"].items() if key != "level"}
        rows.append({"name": comparison["name"], **comparison[primary], **difference})
    return import_pandas().DataFrame(rows)
