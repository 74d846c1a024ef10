"""One finished run that tests of several rooms look at, so that it is computed once."""

from __future__ import annotations

import functools
import json
import random
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import headstart
from helpers import make_model, make_photos

CLASSES = ("blue", "green", "red")
RUNTIME = {"runtime.name": "onnxruntime"}  # named, so that nothing depends on what was fastest at that moment
SWAPPED = 4  # pictures of each class that lie in the folder of the next one, so that a model errs


@dataclass(frozen=True)
class Shared:
    """Where everything lies; nothing in it may be changed."""

    photos: Path
    model: Path
    cache: Path
    run: headstart.Run

    def fit(self, out: Path, **options: Any) -> headstart.Run:
        """Another run on the same photos and model."""
        asked = {"model": str(self.model), "method": "linear_probe", "slices": ["place"], "settings": RUNTIME}
        result = headstart.fit(self.photos, out=out, **{**asked, **options})
        assert isinstance(result, headstart.Run)
        return result


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """The run; each conftest imports this fixture and all get the same run."""
    return _shared(tmp_path_factory.getbasetemp())


@pytest.fixture
def warm(shared: Shared, monkeypatch: pytest.MonkeyPatch) -> Shared:
    """The run, and its cache in use: a fit on the same photos and model computes no features."""
    monkeypatch.setenv("HEADSTART_CACHE", str(shared.cache))
    return shared


@functools.cache
def _shared(base: Path) -> Shared:
    folder = base / "shared"
    photos = make_mislabelled_photos(folder / "photos")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(folder / "cache"))
        model = make_model(folder / "model")
        without_run = Shared(photos, model, folder / "cache", None)  # type: ignore[arg-type]  # the next line fills it
        return replace(without_run, run=without_run.fit(folder / "run"))


def make_mislabelled_photos(folder: Path) -> Path:
    """Class folders with some pictures in the wrong one, and metadata.csv with the columns place and person."""
    make_photos(folder, dict.fromkeys(CLASSES, 20))
    rows = ["file,place,person"]
    for number, name in enumerate(CLASSES):
        for picture in range(SWAPPED):
            (folder / name / f"{picture}.png").rename(folder / CLASSES[number - 1] / f"swapped{picture}.png")
    draw = random.Random(0)
    for path in sorted(folder.rglob("*.png")):
        rows.append(f"{path.relative_to(folder).as_posix()},{draw.choice('ab')},{draw.randrange(15)}")
    (folder / "metadata.csv").write_text("\n".join(rows) + "\n")
    return folder


def evidence_of(run: Path) -> dict[str, Any]:
    """evidence.json without what it cost, which is all that may differ between equal runs."""
    document = json.loads((run / "evidence.json").read_text())
    del document["cost"]
    return dict(document)


def predictions_of(run: Path) -> bytes:
    """predictions/test.parquet as it is on disk."""
    return (run / "predictions" / "test.parquet").read_bytes()


def metrics_of(run: Path) -> dict[str, float]:
    """The numbers in metrics.jsonl by name."""
    records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return {record["name"]: record["value"] for record in records}


def files_below(folder: Path) -> set[str]:
    """Every file, relative, as posix."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
