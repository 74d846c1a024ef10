"""Persons, sessions or tiles that names of files or columns tell, where nobody asked for groups.

A part of the names that repeats is a group only where the features say so: examples of one class and one group must
be more alike than examples of one class and different groups, by a bound and beyond chance (permutation test; Good,
"Permutation, Parametric and Bootstrap Tests of Hypotheses", 2005).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from headstart.core.config import Config
from headstart.core.learning import Floats, Ints
from headstart.core.plugins import Plugin
from headstart.core.seeding import generator
from headstart.inspection.checks.alikeness import Alikeness, alikeness
from headstart.inspection.checks.feature_geometry import directions
from headstart.inspection.checks.name_tokens import Grouping, groupings_of_names
from headstart.inspection.checks.named_columns import columns_named_like_groups
from headstart.inspection.checks.wording import some
from headstart.inspection.examined import Examined, percent
from headstart.inspection.finding import Finding

NEARLY = 0.8  # of the largest effect: a part of the name is told sooner than its whole beginning
BINS = 5  # of targets that are numbers: rows of one bin are compared as rows of one class are


class LikelyGroupsConfig(Config):
    """When a part of the names is a group."""

    fewest: int = Field(
        5,
        ge=2,
        description="Groups with two rows or more; fewer are rather kinds of things than things. Default: ours.",
    )
    repeated: float = Field(0.5, ge=0, le=1, description="Share of the rows that must be in such groups.")
    spread: float = Field(
        0.2, ge=0, le=1, description="Share of a given test's rows whose group is outside too; less does little harm."
    )
    effect: float = Field(
        0.1,
        ge=0,
        le=1,
        description="Mean cosine within groups less that between, features standardised and without the class: about "
        "the share of what varies that groups explain. Default: ours, so that weak habits of naming stay silent.",
    )
    warn_effect: float = Field(0.25, ge=0, le=1, description="The same from which on it is a warning.")
    permutations: int = Field(1_000, ge=1_000, description="The fewest that can give p < 0.001.")


class LikelyGroups:
    """Looks for groups in ids and columns; silent where ``--groups`` names them."""

    def __init__(self, config: LikelyGroupsConfig) -> None:
        self.config = config

    def check(self, examined: Examined) -> list[Finding]:
        """The strongest grouping in the names of files, and every column called like one."""
        if examined.groups is not None:
            return []
        return [*self._of_names(examined), *columns_named_like_groups(examined, self.config.repeated)]

    def _of_names(self, examined: Examined) -> list[Finding]:
        able = [each for each in groupings_of_names(examined.inputs.ids) if self._could_be(each, examined)]
        features = examined.feature_matrix if able else None
        if features is None:
            return []
        rows, rng = directions(features), generator(examined.seed, "likely_groups")
        learned, classes = _one_of_each(examined), _classes(examined)
        found: list[tuple[Alikeness, Grouping]] = []
        for each in able:
            numbers = each.numbers[examined.rows[learned]]
            settings = self.config.permutations, self.config.effect
            alike = alikeness(rows[examined.rows[learned]], numbers, classes[learned], *settings, rng)
            if alike and alike.effect >= self.config.effect and alike.p < 0.001:
                found.append((alike, each))
        best = max((alike.effect for alike, _ in found), default=0.0)
        nearly = [pair for pair in found if pair[0].effect >= NEARLY * best]  # the simplest of those comes first
        return [self._finding(*nearly[0], examined)] if nearly else []

    def _could_be(self, grouping: Grouping, examined: Examined) -> bool:
        """It repeats, has several values, is not the class, and lies on both sides of a given split."""
        counts = Counter(value for value in grouping.values if value is not None)
        several = [count for count in counts.values() if count > 1]
        if len(several) < self.config.fewest or sum(several) < self.config.repeated * len(grouping.values):
            return False
        classes = _classes(examined).tolist()
        pairs = {(classes[k], grouping.values[row]) for k, row in enumerate(examined.rows.tolist())}
        if len(pairs) == len(set(classes)):
            return False  # the class tells it
        return not examined.has_split or _shared(grouping, examined) >= self.config.spread

    def _finding(self, alike: Alikeness, grouping: Grouping, examined: Examined) -> Finding:
        values = sorted({value for value in grouping.values if value is not None})
        shared = _shared(grouping, examined) if examined.has_split else None
        where = "" if shared is None else f", and {percent(shared)} of the test examples share a value with the rest"
        return Finding(
            id="likely_groups",
            severity="warning" if alike.effect >= self.config.warn_effect else "hint",
            what=f"{grouping.name[0].upper()}{grouping.name[1:]} has {len(values):,} values ({some(values, 3)}) whose "
            f"examples are more alike than others of their class (similarity {alike.within:.2f} against "
            f"{alike.between:.2f}){where}.",
            action="If this is the same person, session or tile, give it as a column and use --groups.",
            evidence={
                "values": values,
                "within": alike.within,
                "between": alike.between,
                "p": alike.p,
                "share_of_test": shared,
            },
        )


def _one_of_each(examined: Examined) -> Ints:
    """Positions among the learned, one of every set of near-duplicates: those are kept together anyway."""
    return np.sort(np.unique(examined.duplicates[examined.rows], return_index=True)[1])


def _classes(examined: Examined) -> Ints:
    """``(L,)`` numbers: of classes, of sets of labels, of ranges of numbers."""
    values: NDArray[Any] = examined.targets.values
    if examined.targets.kind == "multilabel":
        return np.unique(values, axis=0, return_inverse=True)[1].reshape(-1)
    if examined.targets.kind == "real":
        inner: Floats = np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1])
        return np.searchsorted(inner, values, side="right")
    return np.asarray(values, np.int64)


def _shared(grouping: Grouping, examined: Examined) -> float:
    """Share of the test rows whose value occurs outside the test."""
    outside = {grouping.values[row] for row in np.flatnonzero(~examined.is_test)} - {None}
    tests = np.flatnonzero(examined.is_test)
    return sum(grouping.values[row] in outside for row in tests) / len(tests)


PLUGIN = Plugin(build=LikelyGroups, config=LikelyGroupsConfig)
