"""How good in a domain that was not seen: the section ``domains`` of evidence.json."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from headstart.core.learning import Floats, Ints, Targets, Task
from headstart.evaluation.over_domains import Preferred, chance_below_the_worst, mean_over

PLAIN = "none"
CLASSES = ("class", "ordinal")


@dataclass(frozen=True)
class Domains:
    """Where examples are from.

    Attributes:
        column: That says so.
        names: By number.
        code: ``(N,)`` numbers.
    """

    column: str
    names: tuple[str, ...]
    code: Ints

    def held_out(self, outputs: Floats) -> Ints:
        """Numbers of the domains that have a row with outputs ``(N, W)``, ascending."""
        return np.unique(self.code[np.isfinite(outputs).all(axis=1)])

    def rows(self, number: int, outputs: Floats) -> Ints:
        """Rows of a domain that have outputs."""
        return np.flatnonzero((self.code == number) & np.isfinite(outputs).all(axis=1))


@dataclass(frozen=True)
class Figure:
    """What is told of each domain.

    Attributes:
        name: The primary metric, or accuracy where some domain lacks a class.
        is_error: Whether less is better.
        reason: Why it is not the primary one; "" where it is.
    """

    name: str
    is_error: bool
    reason: str = ""

    def of(self, task: Task, targets: Targets, outputs: Floats) -> float:
        """Of some rows."""
        if self.reason:
            said = task.predictions(outputs)["prediction"]
            return float(np.mean([str(a) == str(b) for a, b in zip(said, task.written(targets), strict=True)]))
        return task.score(targets, outputs)

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and largest value."""
        return (0.0, np.inf) if self.is_error else (-1.0 if self.name in ("qwk", "spearman") else 0.0, 1.0)


def figure_for(task: Task, targets: Targets, domains: Domains, outputs: Floats) -> Figure:
    """The primary metric, unless a domain that was held out lacks a class."""
    if task.kind not in CLASSES or task.primary == "accuracy":
        return Figure(task.primary, task.kind == "real")
    whole = len(np.unique(targets.values))
    least = min(len(np.unique(targets.values[domains.rows(d, outputs)])) for d in domains.held_out(outputs))
    if least == whole:
        return Figure(task.primary, False)
    return Figure("accuracy", False, f"some domains lack classes, where {task.primary} would say little")


@dataclass(frozen=True)
class Tried:
    """A model and what it says of rows that were held out.

    Attributes:
        name: Of the way it was prepared; ``PLAIN`` for the model as it is.
        task: Settled on these outputs.
        outputs: ``(N, W)``, NaN where a row was not held out.
    """

    name: str
    task: Task
    outputs: Floats


def losses_of(tried: Sequence[Tried], targets: Targets, domains: Domains) -> Floats:
    """``(M, D)`` mean losses in the domains that were held out."""
    found = []
    for one in tried:
        rows = [domains.rows(d, one.outputs) for d in domains.held_out(tried[0].outputs)]
        found.append([float(one.task.loss(targets.take(some), one.outputs[some]).mean()) for some in rows])
    return np.asarray(found)


def domains_section(
    tried: Sequence[Tried], ships: int, choice: Preferred, elsewhere: Ints, targets: Targets, domains: Domains,
    ordinary: Floats | None, why: str,
) -> dict[str, Any]:  # fmt: skip
    """The section, but for the test.

    Args:
        tried: The plain model first.
        ships: Place of the one that ships.
        choice: What the domains prefer.
        elsewhere: ``(D,)`` what all other domains prefer, see ``over_domains.preferred_elsewhere``.
        targets: Of N rows.
        domains: Of these rows.
        ordinary: ``(N, W)`` outputs of the plain model by folds that ignore domains.
        why: Why that one ships.
    """
    plain, shipped = tried[0], tried[ships]
    figure = figure_for(plain.task, targets, domains, plain.outputs)
    held = domains.held_out(plain.outputs)
    values = np.array([[_value(figure, one, targets, domains, d) for d in held] for one in tried])  # (M, D)
    low, high = figure.bounds
    sign = -1.0 if figure.is_error else 1.0
    place = int(np.argmin(sign * values[ships]))
    section: dict[str, Any] = {
        "column": domains.column,
        "metric": figure.name,
        "metric_reason": figure.reason,
        "each": [
            {"domain": domains.names[d], "n": len(domains.rows(d, shipped.outputs)), "value": float(value)}
            | ({"plain": float(values[0, number])} if ships else {})
            for number, (d, value) in enumerate(zip(held, values[ships], strict=True))
        ],
        "mean": mean_over(values[ships], least=low, most=high),
        "worst": {"domain": domains.names[held[place]], "value": float(values[ships, place])},
        "chance_of_worse": chance_below_the_worst(len(held)),
        "methods": [
            {
                "name": one.name,
                "mean": float(values[number].mean()),
                "worst": float((sign * values[number]).min() * sign),
                "loss_gain": float(choice.gains[number]),
                "standard_error": float(choice.errors[number]) if np.isfinite(choice.errors[number]) else None,
                **({"difference": mean_over(sign * (values[number] - values[0]))} if number else {}),
            }
            for number, one in enumerate(tried)
        ],
        "ships": shipped.name,
        "why": why,
        "choice_held_out": float(values[elsewhere, np.arange(len(held))].mean()),
        "never_held_out": [domains.names[d] for d in np.setdiff1d(np.unique(domains.code), held)],
        "one_class": _of_one_class(targets, domains),
    }
    if ordinary is not None:
        kept = Tried("ordinary", plain.task.settle(targets, ordinary), ordinary)
        section["ordinary"] = float(np.mean([_value(figure, kept, targets, domains, d) for d in held]))
    return {**section, "sentence": _sentence(section, figure)}


def tested_domains(section: dict[str, Any], task: Task, targets: Targets, outputs: Floats, of: Domains) -> list[Any]:
    """Figures of the domains of the test, the same metric."""
    figure = Figure(section["metric"], task.kind == "real", section["metric_reason"])
    found = []
    for number, name in enumerate(of.names):
        rows = np.flatnonzero(of.code == number)
        found.append({"domain": name, "n": len(rows), "value": figure.of(task, targets.take(rows), outputs[rows])})
    return found


def _value(figure: Figure, one: Tried, targets: Targets, domains: Domains, number: int) -> float:
    rows = domains.rows(number, one.outputs)
    return figure.of(one.task, targets.take(rows), one.outputs[rows])


def _of_one_class(targets: Targets, domains: Domains) -> list[str]:
    if targets.kind not in CLASSES:
        return []
    of = [len(np.unique(targets.values[domains.code == d])) for d in range(len(domains.names))]
    return [name for name, count in zip(domains.names, of, strict=True) if count == 1]


def _sentence(section: dict[str, Any], figure: Figure) -> str:
    mean, count = section["mean"], len(section["each"])
    span = "" if mean["low"] is None else f" (95 % interval over domains {mean['low']:.3f} to {mean['high']:.3f})"
    ordinary = section.get("ordinary")
    beside = "" if ordinary is None else f" Folds that ignore domains say {ordinary:.3f}: that is for the same domains."
    worst = f"{section['worst']['value']:.3f} ({section['worst']['domain']})"
    return (
        f"In a {section['column']} that it has not seen, expect {figure.name} {mean['value']:.3f}{span}: the mean "
        f"of {count} domains, each held out in turn; worst {worst}, "
        f"and a new one is worse than that with a probability of about 1 in {count + 1}.{beside}"
    )
