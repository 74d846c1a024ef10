"""How much of what was planted was found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from comparison.records import Record
from comparison.summary import Target

GOOD_PROBE = 0.9  # accuracy on the clean set from which on flips are promised to be found
LEAST_RECALL, LEAST_PRECISION = 0.8, 0.6


@dataclass(frozen=True)
class Found:
    """A list of suspects against what was planted.

    Attributes:
        planted: How many there are.
        listed: Length of the list.
        hits: How many of those planted are on it.
        first_hits: Hits among as many of the first as there were planted.
    """

    planted: int
    listed: int
    hits: int
    first_hits: int

    @property
    def recall(self) -> float | None:
        """Share of what was planted that is listed; None where nothing was planted."""
        return self.hits / self.planted if self.planted else None

    @property
    def precision(self) -> float | None:
        """Share of the list that was planted; None of an empty list. Real mistakes of the set count against it."""
        return self.hits / self.listed if self.listed else None

    def to_dict(self) -> dict[str, Any]:
        """JSON."""
        return {**vars(self), "recall": self.recall, "precision": self.precision}


def found(planted: Collection[str], suspects: Sequence[str]) -> Found:
    """Compare names; a name that is listed twice counts once.

    >>> found({"a", "b", "c", "d"}, ["a", "x", "b"])
    Found(planted=4, listed=3, hits=2, first_hits=2)
    """
    listed = list(dict.fromkeys(suspects))
    hits = [name in planted for name in listed]
    return Found(len(planted), len(listed), sum(hits), sum(hits[: len(planted)]))


def by_kind(changed: Mapping[str, str], suspects: Iterable[str]) -> dict[str, list[int]]:
    """For each thing that was done to an example: how many were listed, and of how many.

    >>> by_kind({"a": "case", "b": "case", "c": "word"}, ["a", "c"])
    {'case': [1, 2], 'word': [1, 1]}
    """
    listed = set(suspects)
    return {
        kind: [
            sum(name in listed for name, own in changed.items() if own == kind),
            sum(own == kind for own in changed.values()),
        ]
        for kind in sorted(set(changed.values()))
    }


def targets(records: Iterable[Record]) -> list[Target]:
    """Every promise that these records can decide."""
    runs = [run for run in records if run["ok"]]
    probes = {run["set"]: run["probe"] for run in runs if run["fault"] == "clean"}
    return [
        *(_of_flips(run, probes.get(run["set"])) for run in runs if run["fault"] == "flips"),
        *(_of_finding(run) for run in runs if run["fault"].startswith(("leak", "shortcut")) and run["expected"]),
    ]


def _of_flips(run: Record, probe: float | None) -> Target:
    recall, precision = run["found"]["recall"], run["found"]["precision"]
    measured = "-" if recall is None or precision is None else f"{recall:.0%} at {precision:.0%}"
    is_promised = probe is not None and probe >= GOOD_PROBE
    name = f"{run['set']}: flipped labels found, at which precision"
    if not is_promised:
        return Target(name, f"only where the probe reaches {GOOD_PROBE:.0%}", measured, None)
    limit = f"at least {LEAST_RECALL:.0%} at {LEAST_PRECISION:.0%}"
    return Target(name, limit, measured, (recall or 0) >= LEAST_RECALL and (precision or 0) >= LEAST_PRECISION)


def _of_finding(run: Record) -> Target:
    name = f"{run['set']}: {run['fault']} found"
    return Target(name, run["expected"], run["severity"] or "nothing", run["severity"] is not None)
