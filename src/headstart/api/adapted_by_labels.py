"""Heads that labelled examples of the new domain teach, tried beside the adapters and made ready to ship."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from headstart.adaptation.choosing import Choice, Labels
    from headstart.adaptation.contract import Solver
    from headstart.adaptation.shipping import Shipped
    from headstart.adaptation.taught import Taught
    from headstart.adaptation.trying import Tried
    from headstart.api.two_domains import Given

SEED = 0
AUTO, CLOSED = "auto", "closed"


def adapters_of(method: str, every: Sequence[str]) -> list[str]:
    """Which of the adapters are tried: all, the one that was named, none where a taught head was named."""
    from headstart.adaptation.taught import TITLES

    return list(every) if method == AUTO else [name for name in [method] if name not in TITLES]


def heads_by_labels(
    given: Given, method: str, setting: str, labels: Labels | None, solver: Solver, left_out: dict[str, str]
) -> dict[str, Taught]:
    """Heads by name; why not the others goes to ``left_out``."""
    from headstart.adaptation.taught import TITLES, taught

    names = [name for name in TITLES if method in (AUTO, name)]
    if labels is None:
        if method in TITLES:
            left_out[method] = "it needs labelled examples of the new domain, named with --labels"
        return {}
    if setting != CLOSED:
        left_out |= dict.fromkeys(names, f"labels teach no head with --setting {setting}")
        return {}
    found, why_not = taught(given.domains, solver, labels, SEED, linear=given.is_linear, names=names)
    left_out |= why_not
    return {each.tried.name: each for each in found}


def chosen_with(choice: Choice, heads: dict[str, Taught], found: list[Tried]) -> Choice:
    """The choice among all; ``found`` gets what was taught, which had no say in estimates of the others."""
    from headstart.adaptation.choosing import learned_chooser
    from headstart.adaptation.taught import with_taught

    found += [each.tried for each in heads.values()]
    return with_taught(choice, list(heads.values()), learned_chooser().margin) if heads else choice


def taught_to_ship(given: Given, head: Taught, solver: Solver) -> Shipped:
    """Calibrated on answers to labelled examples of the new domain by heads that they did not teach."""
    from headstart.adaptation.shipping import with_answers, with_looks
    from headstart.postprocessing.choosing import HeldOut

    seen = HeldOut(head.targets, head.cross, np.arange(len(head.targets)), "folds")
    found = with_answers(head.fitted, seen, given.shipped.task(), SEED)
    outputs = found.outputs(solver, given.aim.features)
    return with_looks(found, given.aim.features, outputs, given.aim.dataset.table, SEED)
