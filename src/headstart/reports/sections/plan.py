"""What was done, step by step, and which decisions were made on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from headstart.reports.names import shorten
from headstart.reports.numbers import NO_VALUE, count, duration, number
from headstart.reports.run_files import RunFiles, listing, mapping
from headstart.reports.sections.section import Section

IN_A_SECTION = ("race",)  # written after every cycle; "Which trainings were tried?" tells it


@dataclass(frozen=True)
class PlanStep:
    """A step with how many units it handles and its predicted time."""

    name: str
    what: str
    count: str
    seconds: str


@dataclass(frozen=True)
class Decision:
    """What was decided, and why."""

    name: str
    value: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """Steps, sizes, decisions, and the settings as dotted keys."""

    steps: tuple[PlanStep, ...]
    trainable: str
    frozen: str
    notes: tuple[str, ...]
    decisions: tuple[Decision, ...]
    settings: tuple[tuple[str, str], ...]


def build(run: RunFiles) -> Section | None:
    """None when the run folder has no plan, no decisions and no settings."""
    steps = tuple(_step(mapping(step)) for step in listing(run.plan.get("steps")))
    decisions = tuple(_decision(record) for record in run.decisions if record.get("name") not in IN_A_SECTION)
    settings = tuple(_settings(run.config))
    if not (steps or decisions or settings):
        return None
    trainable, frozen = (_parameters(run, part) for part in ("trainable", "frozen"))
    says = "What Headstart set out to do before it began, and what it decided on the way."
    if frozen and trainable:
        says += f" {frozen} weights of the network stayed as they were; {trainable} were learned here."
    read = "Expected times are from before the run; \u201cCost\u201d has the measured ones."
    notes = tuple(str(note) for note in listing(run.plan.get("notes")))
    content = Plan(steps, trainable, frozen, notes, decisions, settings)
    return Section("plan", "What was done", "Plan", says, read if steps else "", content)


def _parameters(run: RunFiles, part: str) -> str:
    number = mapping(run.plan.get(part)).get("parameters")
    return "" if number is None else count(number)


def _step(step: Mapping[str, Any]) -> PlanStep:
    return PlanStep(
        str(step.get("name") or "").replace("_", " "),
        str(step.get("what") or ""),
        count(step.get("count") or None),  # 0 stands for what cannot be counted
        duration(step.get("seconds")),
    )


def _decision(record: Mapping[str, Any]) -> Decision:
    return Decision(
        str(record.get("name") or "").replace("_", " ").replace("/", ": "),
        shorten(_value(record.get("value")), 200),
        str(record.get("reason") or ""),
    )


def _settings(config: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in config.items():
        if isinstance(value, Mapping) and value:
            yield from _settings(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", shorten(_value(value), 80)


def _value(value: Any) -> str:
    """A value as text; of a path only the last part, since a report travels further than its author's folders."""
    if value is None:
        return NO_VALUE
    if isinstance(value, str):
        return PurePath(value).name if value.startswith(("/", "~")) or value[1:3] == ":\\" else value
    if isinstance(value, Mapping):  # reasons stand beside a decision already
        parts = [(key, item) for key, item in value.items() if key not in ("reason", "why")]
        return ", ".join(f"{key} ({_value(x)})" if isinstance(x, Mapping) else f"{key} {_value(x)}" for key, x in parts)
    return number(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)
