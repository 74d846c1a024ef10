"""Groups, such as persons or sessions, with examples on both sides of a given split."""

from __future__ import annotations

import numpy as np

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.inspection.checks.wording import part_of, some, verb
from headstart.inspection.examined import Examined
from headstart.inspection.finding import Finding, Suspect


class GroupsAcrossSplitsConfig(Config):
    """Nothing to set: whoever names groups says that they must stay together."""


class GroupsAcrossSplits:
    """Compares the groups of the test with those outside; nothing to do without groups or without a given split."""

    def __init__(self, config: GroupsAcrossSplitsConfig) -> None:
        self.config = config

    def check(self, examined: Examined) -> list[Finding]:
        """One severe finding where a group lies on both sides."""
        if examined.groups is None or not examined.has_split:
            return []
        outside = {group for group in examined.groups[~examined.is_test] if group is not None}
        rows = [int(row) for row in np.flatnonzero(examined.is_test) if examined.groups[row] in outside]
        if not rows:
            return []
        names = sorted({str(examined.groups[row]) for row in rows})
        lie = verb(len(names), "lies", "lie")
        tests, ids = int(examined.is_test.sum()), examined.inputs.ids
        share = len(rows) / tests
        return [
            Finding(
                id="groups_across_splits",
                severity="severe",
                what=f"A group must lie in one split; {len(names):,} {lie} on both sides of it "
                f"({some(names)}), with {part_of(len(rows), tests, 'test example')}.",
                action="Correct the split, or let a new one be made with --resplit.",
                evidence={"groups": names, "rows": len(rows), "test": tests, "share": share},
                suspects=tuple(
                    Suspect(row, ids[row], f"the group {examined.groups[row]!r} has examples outside the test too")
                    for row in rows
                ),
            )
        ]


PLUGIN = Plugin(build=GroupsAcrossSplits, config=GroupsAcrossSplitsConfig)
