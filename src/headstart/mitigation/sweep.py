"""Every mitigation at several strengths on the same rows and folds, and the curve of what they give and cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from headstart.core import plugins
from headstart.core.learning import Fitted, Floats, Ints, Solution, SolveMethod, Targets
from headstart.core.seeding import generator
from headstart.mitigation.cells import By, cells_of
from headstart.mitigation.grouped import Grouped, Mitigation
from headstart.mitigation.tradeoff import PLAIN, Run, tradeoff

ROOM = "mitigation"
STRENGTHS = (0.5, 1.0)


@dataclass(frozen=True)
class Swept:
    """What was solved.

    Attributes:
        solutions: By mitigation and strength; ("none", 0.0) is the plain model.
        curve: See ``tradeoff.tradeoff``.
    """

    solutions: Mapping[tuple[str, float], Solution]
    curve: Mapping[str, Any]


class _Known:
    """The method, whose plain solution is known: several mitigations begin from it."""

    def __init__(self, method: SolveMethod, given: Grouped, plain: Solution) -> None:
        self.method, self.given, self.plain = method, given, plain

    def fit(
        self,
        features: Floats,
        targets: Targets,
        folds: Ints,
        rng: np.random.Generator,
        weights: Floats | None = None,
    ) -> Solution:
        """``features`` ``(N, D)``, ``folds`` and ``weights`` ``(N,)``: as the method's own."""
        if features is self.given.features and weights is self.given.weights:
            return self.plain
        return self.method.fit(features, targets, folds, rng, weights)

    def predict(self, fitted: Fitted, features: Floats) -> Floats:
        """``(N, W)`` outputs of ``(N, D)`` features."""
        return self.method.predict(fitted, features)


def suited(kind: str, width: int, *, group_at_prediction: bool) -> list[str]:
    """Names of the mitigations for targets of a kind; those that need the group at prediction where it is known then.

    >>> suited("class", 3, group_at_prediction=True)
    ['balanced_subsampling', 'budgeted_dro', 'dfr', 'group_dro', 'reweighting']
    """
    found = {name: plugins.load(ROOM, name) for name in plugins.names(ROOM)}
    return [
        name
        for name, plugin in found.items()
        if kind in plugin.targets
        and "domains" not in plugin.needs
        and ("group" not in plugin.needs or (group_at_prediction and width == 2))
    ]


def sweep(
    given: Grouped,
    method: SolveMethod,
    names: Sequence[str],
    group_names: Sequence[str],
    *,
    strengths: Sequence[float] = STRENGTHS,
    by: By = "group",
    class_names: Sequence[str] = (),
    least: int = 10,
    seed: int = 0,
) -> Swept:
    """Solve the plain model and each mitigation at each strength, and lay them side by side on held-out rows.

    Args:
        given: The rows.
        method: What the plain model is solved with.
        names: Of the mitigations.
        group_names: By group number.
        strengths: Above 0.
        by: Whether the worst is sought among groups, or among groups by class.
        class_names: By class number, for the names of groups by class; numbers where there are none.
        least: Held-out rows that a group needs to be looked at.
        seed: Every mitigation has a stream of its own, the same at all its strengths.
    """
    plain = method.fit(given.features, given.targets, given.folds, generator(seed, ROOM, PLAIN), given.weights)
    known = _Known(method, given, plain)
    solutions = {(PLAIN, 0.0): plain}
    for name in names:
        plugin = plugins.load(ROOM, name)
        for strength in strengths:
            built: Mitigation = plugin.build(plugin.config.parse({"strength": strength}, f"mitigation {name}"))
            solutions[name, strength] = built.fit(given, known, generator(seed, ROOM, name))
    cells = cells_of(given, by)
    shown = {
        index: group_names[group] + (f" & {class_names[target] if class_names else target}" if by != "group" else "")
        for index, (group, target) in enumerate(zip(cells.group, cells.target, strict=True))
    }
    runs = [Run(name, strength, solution.out_of_fold) for (name, strength), solution in solutions.items()]
    return Swept(solutions, tradeoff(runs, given.targets, cells.code, shown, least))
