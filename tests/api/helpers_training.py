"""Trainings of tiny networks on a few made examples, short and with everything named, so that nothing is measured."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pyarrow.parquet
import pytest

import headstart
from headstart.engine.training.feed import KeptFeed
from headstart.engine.training.loop import Trainer
from made_sounds import make_recordings
from made_texts import TOPICS, question, questions

SHORT = {
    "runtime.name": "eager",
    "method.epochs": 2,
    "method.lr": 3e-4,
    "method.precision": "float32",
    "method.batch_size": 8,
}
LAST = {"image": "layer3", "text": "layers.0", "sound": "layers.0"}  # the last stage that stays as it is


@dataclass(frozen=True)
class Made:
    """Data with a network for it.

    Attributes:
        kind: image, text or sound.
    """

    kind: str
    data: Path
    model: Path

    def settings(self, own: dict[str, Any] | None = None) -> dict[str, Any]:
        """Two short epochs whose result ships whatever it is, changed by one's own; None leaves a setting out."""
        asked = {**SHORT, "guard": False, "method.freeze": LAST[self.kind], **(own or {})}
        return {key: value for key, value in asked.items() if value is not None}

    def fit(self, out: Path | None, *, settings: dict[str, Any] | None = None, **options: Any) -> Any:
        """lp_ft with :meth:`settings`."""
        asked = {"model": str(self.model), "method": "lp_ft", "threads": 1, "settings": self.settings(settings)}
        return headstart.fit(self.data, out=out, **{**asked, **options})


def made(kind: str, folder: Path, shared: Any, text_model: Path, sound_model: Path) -> Made:
    """Written into a folder; pictures are the shared ones."""
    if kind == "image":
        return Made(kind, shared.photos, shared.model)
    if kind == "sound":
        return Made(kind, make_recordings(folder / "tones"), sound_model)
    return Made(kind, texts(folder / "t.csv"), text_model)


def texts(path: Path, per_topic: int = 16) -> Path:
    """A table of questions, a quarter of them about something else than they are said to be."""
    rows = questions(per_topic)
    topics = list(TOPICS)
    said = [topics[topics.index(topic) - 1] if number % 4 == 3 else topic for number, (_, topic) in enumerate(rows)]
    frame = pandas.DataFrame({"text": [text for text, _ in rows], "label": said})
    frame.to_csv(path, index=False)
    return path


def texts_of(kind: str, rows: int = 48) -> pandas.DataFrame:
    """Texts with sets of topics, a grade or a number: how often the first topic is named."""
    rng = random.Random(0)
    found: list[tuple[str, Any]] = []
    for number in range(rows):
        if kind == "multilabel":
            topics = rng.sample(list(TOPICS), 1 + number % 2)
            found.append((" ".join(question(topic, rng) for topic in topics), topics))
            continue
        count = number % 4
        words = [rng.choice(TOPICS["card"]) for _ in range(count)] + question("cash", rng, 8).split()
        rng.shuffle(words)
        found.append((" ".join(words), count if kind == "ordinal" else round(2.5 * count + rng.gauss(0, 0.3), 3)))
    return pandas.DataFrame(found, columns=["text", "label"])


def rows_of_test(run: headstart.Run) -> list[dict[str, Any]]:
    """Rows of predictions/test.parquet."""
    return list(pyarrow.parquet.read_table(run.path / "predictions" / "test.parquet").to_pylist())


def same_rows(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> bool:
    """Whether predictions of the same ids agree, numbers within what runtimes may differ by."""
    theirs = {row["id"]: row for row in other}
    for row in one:
        for name in {*row} & {*theirs[row["id"]]} - {"split", "target"}:
            mine, its = row[name], theirs[row["id"]][name]
            if mine != its and not (isinstance(mine, float) and np.isclose(mine, its, atol=1e-4)):
                return False
    return bool(one)


class StoppedAt:
    """Raises when a training (not a trial step of its setup) is about to make a step."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, step: int, error: type[BaseException]) -> None:
        real = Trainer.step

        def guarded(trainer: Trainer, *arguments: Any) -> Any:
            if trainer.checkpoints is not None and trainer.state.step == step:
                raise error
            return real(trainer, *arguments)

        monkeypatch.setattr(Trainer, "step", guarded)


class Steps:
    """Counts the steps of trainings (not the trial steps of their setup)."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made: list[int] = []
        real = Trainer.step

        def counted(trainer: Trainer, *arguments: Any) -> Any:
            if trainer.checkpoints is not None:
                self.made.append(trainer.state.step)
            return real(trainer, *arguments)

        monkeypatch.setattr(Trainer, "step", counted)


class Boundaries:
    """Counts the rows whose boundaries had to be computed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked = self.computed = 0
        real = KeptFeed.missing

        def counted(feed: KeptFeed, stage: int, view: int, rows: Any) -> Any:
            wanted = real(feed, stage, view, rows)
            self.asked, self.computed = self.asked + len(rows), self.computed + int(wanted.sum())
            return wanted

        monkeypatch.setattr(KeptFeed, "missing", counted)
