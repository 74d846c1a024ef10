"""Which candidate was chosen, on training folds alone, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headstart.reports.names import readable, shorten
from headstart.reports.numbers import count, decimal, is_number
from headstart.reports.run_files import RunFiles, mapping
from headstart.reports.sections.section import Section


@dataclass(frozen=True)
class Candidate:
    """A candidate with its loss on examples it had not seen."""

    name: str
    loss: str
    is_chosen: bool


@dataclass(frozen=True)
class Guard:
    """What the guard looked at; ``why`` is its own sentence."""

    candidates: tuple[Candidate, ...]
    why: str
    rows: str


def build(run: RunFiles) -> Section | None:
    """None when no guard decided."""
    guard = run.section("guard")
    if not guard:
        return None
    losses = mapping(guard.get("out_of_fold_loss"))
    known = sorted(losses, key=lambda name: losses[name] if is_number(losses[name]) else float("inf"))
    candidates = tuple(
        Candidate(
            shorten(readable(name), 60),
            decimal(losses[name]) if is_number(losses[name]) else "not measured",
            name == guard.get("chosen"),
        )
        for name in known
    )
    return Section(
        "guard",
        "Why this model?",
        "Choice",
        _says(guard),
        "The choice was made before the test split was opened: each candidate predicts training examples that it had "
        f"not seen, and the smallest {_loss(guard)} wins.{_explained(guard)}",
        Guard(candidates, str(guard.get("why") or ""), count(guard.get("rows"))),
    )


def _loss(guard: Mapping[str, Any]) -> str:
    return str(guard.get("loss_name") or "log-loss")


def _explained(guard: Mapping[str, Any]) -> str:
    return " Log-loss punishes being sure and wrong." if _loss(guard) == "log-loss" else ""


def _says(guard: Mapping[str, Any]) -> str:
    if guard.get("rows") == 0:
        return "No training example could be held out, so nothing was compared."
    if guard.get("fell_back") is True:
        return "The preferred model lost on held-out training examples, so the guard fell back to the best other one."
    return "The preferred model did best on held-out training examples, so the guard let it pass."
