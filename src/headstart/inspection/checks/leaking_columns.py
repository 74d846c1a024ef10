"""Columns that tell the target, kept as inputs or left out already, and columns that are no use."""

from __future__ import annotations

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.data.inferred_notes import GIVES_AWAY, argument
from headstart.data.leaks import Suspicion, suspicion
from headstart.data.targets import measured_values
from headstart.inspection.checks.wording import counted, some, verb
from headstart.inspection.examined import Examined
from headstart.inspection.finding import Finding


class LeakingColumnsConfig(Config):
    """Nothing to set: the bounds are those by which the reader leaves columns out (``data.leaks``)."""


class LeakingColumns:
    """Asks of every plain column, on the learned rows, whether it tells the target."""

    def __init__(self, config: LeakingColumnsConfig) -> None:
        self.config = config

    def check(self, examined: Examined) -> list[Finding]:
        """One finding a column that is an input, and one for each that was left out as a leak; one for the rest."""
        left_out = examined.left_out
        leaks = {name: reason for name, reason in left_out.items() if reason.startswith(GIVES_AWAY)}
        useless = {name: reason for name, reason in left_out.items() if name not in leaks}
        return [
            *map(_kept, _suspicions(examined)),
            *(_mended(name, reason) for name, reason in leaks.items()),
            *([_useless(useless)] if useless else []),
        ]


def _suspicions(examined: Examined) -> list[Suspicion]:
    columns = examined.learned.table.columns
    targets = [str(target) for target in examined.learned.targets]
    if examined.targets.kind == "multilabel" or not columns:
        return []  # a set of labels is one target among very many: whether a column tells it says nothing
    measured = measured_values(targets) if examined.targets.kind == "real" else None
    found = [suspicion(name, column, targets, measured) for name, column in columns.items()]
    return [each for each in found if each is not None]


def _kept(found: Suspicion) -> Finding:
    says = "gives the answer away" if found.is_leak else "tells much about the target"
    return Finding(
        id=f"leaking_columns/{found.column}",
        severity="warning" if found.is_leak else "hint",
        what=f"The column {found.column!r} {says}: {found.why}.",
        action=f"Ask whether it is known when a prediction is made; --drop {argument([found.column])} leaves it out.",
        evidence={"column": found.column, "reason": found.why, "is_leak": found.is_leak, "is_input": True},
    )


def _mended(name: str, reason: str) -> Finding:
    return Finding(
        id=f"leaking_columns/{name}",
        severity="hint",
        what=f"The column {name!r} {reason}; it was left out already.",
        action="Nothing must be done; to use it all the same, name all input columns with --input.",
        evidence={"column": name, "reason": reason, "is_leak": True, "is_input": False},
    )


def _useless(reasons: dict[str, str]) -> Finding:
    names = list(reasons)
    first = f"{names[0]!r} {reasons[names[0]]}"
    shown = f": {first}" if len(names) == 1 else f" ({some(names)}); for example {first}"
    return Finding(
        id="leaking_columns/left_out",
        severity="hint",
        what=f"{counted(len(names), 'column')} {verb(len(names), 'was', 'were')} left out as no use{shown}.",
        action="Nothing must be done; to use one all the same, name all input columns with --input.",
        evidence={"columns": dict(reasons)},
    )


PLUGIN = Plugin(build=LeakingColumns, config=LeakingColumnsConfig)
