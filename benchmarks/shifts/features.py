"""What a network makes of a set, clean and corrupted, computed once and kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import headstart
from headstart import bundle
from headstart.backbones.fitted.columns import PLUGIN as COLUMNS
from headstart.core.table import Table
from headstart.data.corruptions.contract import Corrupted, corruptions_of
from headstart.data.read import read
from headstart.features.through_bundle import through

from .sets import Source, Worse

OF_EACH = 20  # rows of each class that give a run, whose network and preparation every row goes through
CLEAN = "clean"


@dataclass(frozen=True)
class Rows:
    """A set as it is tried.

    Attributes:
        truth: ``(n,)`` class numbers.
        domain: ``(n,)`` names.
        of: ``(n, D)`` features by condition, "clean" among them; empty for plain columns.
        table: Plain columns.
    """

    truth: Any
    domain: Any
    of: dict[str, Any]
    table: Table | None = None

    def features(self, source: Any, target: Any, condition: str) -> tuple[Any, Any]:
        """Of source rows, clean, and target rows; plain columns are encoded as the source rows say."""
        if self.table is None:
            return self.of[CLEAN][source], self.of[condition][target]
        code = COLUMNS.build(COLUMNS.config())
        arrays = code.fit(self.table.take(source))
        ours, theirs = (code.transform(arrays, self.table.take(rows)) for rows in (source, target))
        return ours.astype(np.float32), theirs.astype(np.float32)


def rows_of(name: str, source: Source, data: Path, work: Path) -> Rows:
    """Of a set of the folder ``data``; what is computed is kept in ``work``."""
    frame = source.frame(data).reset_index(drop=True)
    classes = sorted(frame.label.astype(str).unique())
    truth = np.array([classes.index(str(label)) for label in frame.label], np.int64)
    domain = frame.domain.astype(str).to_numpy(dtype=str)
    if source.is_plain:
        dataset = read(frame.drop(columns="domain"), target="label").dataset
        assert len(dataset) == len(frame)
        return Rows(truth, domain, {}, dataset.table)
    place = work / f"{name}.npz"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        np.savez(place, **_through_network(frame, source.worse, work / "runs" / name))
    kept = np.load(place)
    return Rows(truth, domain, {condition: kept[condition] for condition in kept.files})


def _through_network(frame: Any, worse: dict[str, Worse] | Any, run: Path) -> dict[str, Any]:
    if not (run / "report.html").exists():
        few = frame.groupby("label").head(OF_EACH)[["input", "label"]]
        headstart.fit(few, target="label", input="input", method="linear_probe", out=run, threads=1)
    shipped = bundle.read(run)
    predictor = shipped.predictor(threads=1)
    found = {}
    for name, each in ways_of(frame, worse, shipped).items():
        ((_, seen),) = through(predictor, [_Chunk([_Part(each)], len(frame))], workers=1, keep_features=True)
        assert len(seen.rows) == len(frame)
        found[name] = np.asarray(seen.features, np.float32)
    return found


def ways_of(frame: Any, worse: dict[str, Worse] | Any, shipped: Any) -> dict[str, Any]:
    """Inputs of all rows by condition."""
    given = frame[["input", "label"]]
    inputs = read(given, schema=shipped.schema, to_learn=False, allow_bad=1.0, target="label").dataset.parts[0].inputs
    assert len(inputs) == len(frame), f"{len(frame) - len(inputs)} inputs cannot be read"
    ways = {CLEAN: inputs}
    for name, (corruption, strength) in worse.items():
        made = next(found[corruption] for kind in ("image", "text") if corruption in (found := corruptions_of(kind)))
        ways[name] = Corrupted(inputs, made, strength, name)
    return ways


@dataclass(frozen=True)
class _Part:
    inputs: Any


@dataclass(frozen=True)
class _Chunk:
    parts: Sequence[_Part]
    count: int
    table: Table = Table()  # noqa: RUF009 - frozen and empty

    def __len__(self) -> int:
        return self.count
