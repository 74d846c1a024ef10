"""Trainings of networks as evidence.json holds them, read so that absent and non-finite numbers harm nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from headstart.reports.names import readable, shorten
from headstart.reports.numbers import NO_VALUE, count, decimal, is_number, number
from headstart.reports.run_files import RunFiles, listing, mapping
from headstart.reports.task_facts import predicts_numbers

FROM_RANDOM = "from_scratch"  # the one method whose start is not the linear probe
LARGEST = 1e15  # no loss is drawn or written beyond it


@dataclass(frozen=True)
class Epoch:
    """One pass over the training examples; None: not finite, or not written down."""

    number: int
    train_loss: float | None
    val_loss: float | None
    val_score: float | None
    lr: float | None


@dataclass(frozen=True)
class Trial:
    """One method's training.

    Attributes:
        name: Of the method.
        start: Validation loss before the first step.
        best_epoch: 0: the start; None: not written down.
        best: Validation loss there.
        end: Validation loss of what was kept.
        told: What the method itself did after the last epoch.
        epochs: In order.
        planned: Number of epochs that were asked for.
        predicted: Expected seconds of an epoch.
        seconds: Measured, of each epoch.
        report: Everything else, as it stands in evidence.json.
    """

    name: str
    start: float | None
    best_epoch: int | None
    best: float | None
    end: float | None
    told: Mapping[str, Any]
    epochs: tuple[Epoch, ...]
    planned: int | None
    predicted: float | None
    seconds: tuple[float, ...]
    report: Mapping[str, Any]

    @property
    def label(self) -> str:
        """The method's name for people."""
        return shorten(readable(self.name), 60)

    @property
    def is_random(self) -> bool:
        """Whether it began with random weights."""
        return self.name == FROM_RANDOM

    @property
    def origin(self) -> str:
        """What the start is, inside a sentence."""
        return "random weights" if self.is_random else "the linear probe"

    @property
    def settings(self) -> Mapping[str, Any]:
        """Settings as resolved."""
        return mapping(self.report.get("settings"))

    @property
    def last_epoch(self) -> int:
        """Number of the last epoch that is known; 0 without any."""
        return self.epochs[-1].number if self.epochs else 0

    @property
    def kept(self) -> float | None:
        """Validation loss of what was kept."""
        return self.best if self.end is None else self.end

    @property
    def has_moved(self) -> bool:
        """Whether what was kept is none of the epochs, but made of them."""
        return self.told.get("moved") is True or self.together > 0

    @property
    def together(self) -> int:
        """How many trainings were combined, this one among them; 0: it is alone."""
        return len(listing(mapping(self.report.get("combined")).get("members")))

    @property
    def is_ensemble(self) -> bool:
        """Whether their outputs are averaged, not their weights."""
        return mapping(self.report.get("combined")).get("how") == "ensemble"


def trials(run: RunFiles) -> list[Trial]:
    """The trainings of a run: the one the page is about first, those it is held against after it."""
    reports, seconds = run.section("training"), mapping(run.section("cost").get("training"))
    read = [_trial(name, mapping(report), mapping(seconds.get(name))) for name, report in reports.items() if report]
    main = _main(run, [each.name for each in read])
    return sorted(read, key=lambda each: each.name != main)


def loss_text(run: RunFiles) -> Callable[[float | None], str]:
    """Writes a loss of this run: three decimals; squared errors, of any size, get four digits."""
    is_regression = predicts_numbers(run.evidence.get("task"))

    def text(value: float | None) -> str:
        if value is None:
            return NO_VALUE
        if is_regression:
            return count(value) if 1000 <= value < 1e9 else number(value)
        return decimal(value)

    return text


def _main(run: RunFiles, names: list[str]) -> str:
    """What was chosen, else what was asked for, else the first; a network of random weights only if it is alone."""
    learned = [name for name in names if name != FROM_RANDOM] or names
    asked = (run.section("guard").get("chosen"), mapping(run.config.get("method")).get("name"))
    return next((name for name in (*asked, *learned) if name in learned), "")


def _trial(name: str, report: Mapping[str, Any], cost: Mapping[str, Any]) -> Trial:
    best = mapping(report.get("best"))
    return Trial(
        name=name,
        start=_loss(mapping(report.get("start")).get("val_loss")),
        best_epoch=_whole(best.get("epoch")),
        best=_loss(best.get("val_loss")),
        end=_loss(mapping(report.get("end")).get("val_loss")),
        told=mapping(report.get("method")),
        epochs=_epochs(listing(report.get("history"))),
        planned=_whole(mapping(report.get("settings")).get("epochs")),
        predicted=_finite(mapping(cost.get("predicted")).get("epoch")),
        seconds=tuple(
            float(found)
            for each in listing(cost.get("epochs"))
            if (found := _finite(mapping(each).get("seconds"))) is not None
        ),
        report=report,
    )


def _epochs(history: list[Any]) -> tuple[Epoch, ...]:
    """Records by epoch; those without a number are left out."""
    found = {}
    for record in map(mapping, history):
        epoch = _whole(record.get("epoch"))
        if epoch:
            found[epoch] = Epoch(
                epoch,
                _loss(record.get("train_loss")),
                _loss(record.get("val_loss")),
                _finite(record.get("val_score")),
                _finite(record.get("lr")),
            )
    return tuple(found[epoch] for epoch in sorted(found))


def _whole(value: Any) -> int | None:
    return int(value) if is_number(value) and 0 <= value < LARGEST else None


def _finite(value: Any) -> float | None:
    return float(value) if is_number(value) else None


def _loss(value: Any) -> float | None:
    return float(value) if is_number(value) and 0 <= value < LARGEST else None
