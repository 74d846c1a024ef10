"""Examples that are nearly the same, on one side of a split."""

from __future__ import annotations

import numpy as np

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.inspection.checks.twins import sets_of_twins
from headstart.inspection.checks.wording import part_of, verb
from headstart.inspection.examined import Examined
from headstart.inspection.finding import Finding, Suspect


class NearDuplicates:
    """Counts examples that repeat an earlier one; copies across a given split are another check's."""

    def __init__(self, config: Config) -> None:
        """Nothing to set."""

    def check(self, examined: Examined) -> list[Finding]:
        """One finding where there are copies."""
        sides = [np.flatnonzero(~examined.is_test), np.flatnonzero(examined.is_test)]
        sets = [rows for side in sides for rows in sets_of_twins(examined.duplicates, side)]
        if not sets:
            return []
        ids = examined.inputs.ids
        suspects = tuple(
            Suspect(int(row), ids[row], f"nearly the same as {ids[rows[0]]}") for rows in sets for row in rows[1:]
        )
        n, copies = len(examined.inputs), len(suspects)
        share = copies / n
        where = " on the same side of the split" if examined.has_split else ""
        return [
            Finding(
                id="near_duplicates",
                severity="hint",
                what=f"{part_of(copies, n, 'example')} {verb(copies)} nearly the same as "
                f"another one{where}, so there is less to learn from than the count says.",
                action="Nothing must be done: copies are kept on one side of every new split and fold; removing them "
                "loses nothing.",
                evidence={"copies": copies, "examples": n, "share": share, "sets": len(sets)},
                suspects=suspects,
            )
        ]


PLUGIN = Plugin(build=NearDuplicates)
