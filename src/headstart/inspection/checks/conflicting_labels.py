"""Examples that are nearly the same, with targets that differ.

Fingerprints of pictures are coarse: two dark things on a white ground may share one. So where a network sees the data,
examples contradict each other only when it, too, finds them more alike than most examples are. Of 384 copies in six
sets all but one were above the bound, the nearest among brain scans and dark tiles, which all look alike; the one is a
projector that shared its fingerprint with a keyboard.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from headstart.core.config import Config
from headstart.core.learning import Ints
from headstart.core.plugins import Plugin
from headstart.core.seeding import generator
from headstart.inspection.checks.feature_geometry import directions
from headstart.inspection.checks.twins import sets_of_twins
from headstart.inspection.checks.wording import counted
from headstart.inspection.examined import Examined
from headstart.inspection.finding import Finding, Suspect

PAIRS = 5_000  # drawn: their cosines tell how alike any two examples are


class ConflictingLabelsConfig(Config):
    """From which distance on two numbers contradict each other."""

    number_spread: float = Field(
        0.5,
        gt=0,
        description="Targets that are numbers differ when they lie apart by more than this many standard deviations "
        "of all targets: two measurements of one thing are never quite equal. Default: ours.",
    )
    alike: float = Field(
        0.9,
        ge=0,
        lt=1,
        description="Share of pairs of any examples that must be less alike to the network than a contradicting pair.",
    )


class ConflictingLabels:
    """Compares the targets within every set of near-duplicates that is learned from."""

    def __init__(self, config: ConflictingLabelsConfig) -> None:
        self.config = config

    def check(self, examined: Examined) -> list[Finding]:
        """One finding; a hint for rows of plain columns, which may be equal without being the same thing."""
        sets = [rows for rows in sets_of_twins(examined.duplicates[examined.rows]) if self._differ(examined, rows)]
        sets = self._alike(examined, sets)
        if not sets:
            return []
        suspects = tuple(suspect for rows in sets for suspect in _suspects(examined, rows))
        is_table = not examined.inputs.parts
        n, own = len(suspects), len(sets)
        same = "the same in every column" if is_table else "nearly the same"
        return [
            Finding(
                id="conflicting_labels",
                severity="hint" if is_table else "warning",
                what=f"{counted(n, 'example')} in {counted(own, 'set')} of examples that are {same} have targets that "
                f"differ, so at least one target of each set is wrong or the inputs do not tell it.",
                action="Look at each set, correct the targets, or add what tells its examples apart.",
                evidence={"examples": n, "sets": own, "learned": len(examined.rows)},
                suspects=suspects,
            )
        ]

    def _differ(self, examined: Examined, rows: Ints) -> bool:
        values: NDArray[np.float64] = np.asarray(examined.targets.values, np.float64)
        if examined.targets.kind == "real":
            return bool(np.ptp(values[rows]) > self.config.number_spread * values.std())
        return bool((values[rows] != values[rows[0]]).any())

    def _alike(self, examined: Examined, sets: list[Ints]) -> list[Ints]:
        """Of each set the rows that the network finds alike to one with another target; all where it sees nothing."""
        features = examined.feature_matrix if sets else None
        if features is None:
            return sets
        rows = directions(features)[examined.rows]
        bound = self._bound(examined, rows)
        kept = []
        for own in sets:
            is_alike = rows[own] @ rows[own].T >= bound  # (S, S)
            contradicted = own[(is_alike & self._differing(examined, own)).any(axis=1)]
            kept += [contradicted] if len(contradicted) else []
        return kept

    def _differing(self, examined: Examined, rows: Ints) -> NDArray[np.bool_]:
        """``(S, S)`` flags: pairs whose targets differ."""
        values = np.asarray(examined.targets.values, np.float64)
        if examined.targets.kind == "real":
            gaps = np.abs(values[rows][:, None] - values[rows])
            return np.asarray(gaps > self.config.number_spread * values.std())
        numbers = np.unique(values[rows], axis=0, return_inverse=True)[1].reshape(-1)
        return np.asarray(numbers[:, None] != numbers)

    def _bound(self, examined: Examined, rows: NDArray[np.float32]) -> float:
        """Cosine that pairs of any two examples seldom reach."""
        rng, groups = generator(examined.seed, "conflicting_labels"), examined.duplicates[examined.rows]
        pairs = rng.integers(0, len(rows), (PAIRS, 2))
        pairs = pairs[groups[pairs[:, 0]] != groups[pairs[:, 1]]]
        if not len(pairs):
            return -1.0
        return float(np.quantile(np.einsum("nd,nd->n", rows[pairs[:, 0]], rows[pairs[:, 1]]), self.config.alike))


def _suspects(examined: Examined, rows: Ints) -> list[Suspect]:
    """All rows of a set; where most agree, what they agree on is suggested to the others."""
    written = [str(value) for value in examined.task.written(examined.targets.take(rows))]
    common, count = Counter(written).most_common(1)[0]
    agreed = common if 2 * count > len(written) and examined.targets.kind != "real" else ""
    suspects = []
    for place, given in enumerate(written):
        other = next((k for k, value in enumerate(written) if value != given), place)
        why = f"nearly the same as {examined.learned.ids[rows[other]]}, which is {written[other]!r}"
        row = int(examined.rows[rows[place]])
        suggested = agreed if agreed != given else ""
        suspects.append(Suspect(row, examined.inputs.ids[row], why, given, suggested))
    return suspects


PLUGIN = Plugin(build=ConflictingLabels, config=ConflictingLabelsConfig)
