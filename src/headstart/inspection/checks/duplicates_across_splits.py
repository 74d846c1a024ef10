"""Test examples that are nearly the same as an example outside the test.

Barz & Denzler, "Do we train on test data? Purging CIFAR of near-duplicates", J. Imaging 2020, arXiv:1902.00423.
"""

from __future__ import annotations

import numpy as np
from pydantic import Field

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.inspection.checks.wording import part_of, verb
from headstart.inspection.examined import Examined, percent
from headstart.inspection.finding import Finding, Suspect


class DuplicatesAcrossSplitsConfig(Config):
    """From which share on a result is bent, and from which it says nothing."""

    warn_from: float = Field(
        0.01,
        ge=0,
        le=1,
        description="Share of the test examples with a copy outside that is a warning: less lifts the result by less "
        "than one point.",
    )
    severe_from: float = Field(
        0.2,
        ge=0,
        le=1,
        description="Share of the test examples with a copy outside that is severe. What was seen is answered from "
        "memory, so a fifth of copies hides a fifth of all mistakes and lifts a weak model most: comparisons turn.",
    )
    least: int = Field(
        5, ge=1, description="Copies below which nothing is severe: a few may be chance in a small test."
    )


class DuplicatesAcrossSplits:
    """Looks up every test example among those outside the test; nothing to do where no split was given."""

    def __init__(self, config: DuplicatesAcrossSplitsConfig) -> None:
        self.config = config

    def check(self, examined: Examined) -> list[Finding]:
        """One finding where a test example has a copy."""
        pairs = _pairs(examined)
        if not pairs:
            return []
        ids, tests = examined.inputs.ids, int(examined.is_test.sum())
        share = len(pairs) / tests
        is_severe = share >= self.config.severe_from and len(pairs) >= self.config.least
        is_little = share < self.config.warn_from
        so = "would mostly show what it remembers" if is_severe else "looks better than it is"
        so = f"may look better than it is by {percent(share)} at most" if is_little else so
        return [
            Finding(
                id="duplicates_across_splits",
                severity="severe" if is_severe else "hint" if is_little else "warning",
                what=f"{part_of(len(pairs), tests, 'test example')} "
                f"{verb(len(pairs))} nearly the same as an example outside the test, so the result {so}.",
                action="Correct the split, or let a new one be made with --resplit, which keeps copies on one side.",
                evidence={
                    "copied": len(pairs),
                    "test": tests,
                    "share": share,
                    "pairs": [[ids[row], ids[twin]] for row, twin in pairs],
                },
                suspects=tuple(Suspect(row, ids[row], f"nearly the same as {ids[twin]}") for row, twin in pairs),
            )
        ]


def _pairs(examined: Examined) -> list[tuple[int, int]]:
    """Test rows with the first row outside that is nearly the same."""
    outside: dict[int, int] = {}
    for row in np.flatnonzero(~examined.is_test).tolist():
        outside.setdefault(int(examined.duplicates[row]), row)
    tests = np.flatnonzero(examined.is_test).tolist()
    return [(row, outside[group]) for row in tests if (group := int(examined.duplicates[row])) in outside]


PLUGIN = Plugin(build=DuplicatesAcrossSplits, config=DuplicatesAcrossSplitsConfig, paper="arXiv:1902.00423")
