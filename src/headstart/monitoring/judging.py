"""A window held against the reference: every test, and p-values that hold for all of them together.

The false alarms that are allowed (``families.LEVEL``) are shared out evenly over the families that the reference has,
and within a family by Holm's method, so that a window without any change raises an alarm with that probability at most,
however the tests depend on each other. The reference is a sample too: every test is one of two samples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.drift.cumulative import cumulative_distances, cumulative_p
from headstart.evaluation.drift.mean_embedding import discrepancy, discrepancy_p
from headstart.evaluation.drift.shares import more_often_p, share_distance, shares_p
from headstart.evaluation.multiple_testing import holm
from headstart.monitoring.families import ALLOWED, ALLOWED_CLASSES, LEVEL, SLOW, Family
from headstart.monitoring.reference import Reference
from headstart.monitoring.window import Window

TOGETHER = "all directions together"
STRANGE = "strange inputs"
UNUSABLE = "inputs that cannot be read"
WRONG = "wrong answers"
LATE = "requests slower than the limit"


@dataclass(frozen=True)
class Finding:
    """One test.

    Attributes:
        family: Of the change.
        name: What was looked at.
        p: Raw p-value.
        corrected: For all tests of the window; at most ``families.LEVEL`` is an alarm.
        distance: Share of the examples that differ, 0-1: largest difference of cumulative shares of numbers, half the
            sum of differences of shares of classes, difference of shares of what either is or is not, distance of
            means for "all directions together".
        before, now: In the reference and in the window, in words; empty where words say nothing.
        since: Seconds since 1970 from which on it is most visible; None where there is one stretch.
    """

    family: Family
    name: str
    p: float
    corrected: float
    distance: float
    before: str = ""
    now: str = ""
    since: float | None = None

    @property
    def is_alarm(self) -> bool:
        """Whether so much would come by chance in fewer than one of 200 windows."""
        return self.corrected <= LEVEL

    def to_dict(self) -> dict[str, Any]:
        """JSON."""
        return {
            "family": self.family, "name": self.name, "alarm": self.is_alarm, "distance": round(self.distance, 4),
            "p": self.p, "p_corrected": self.corrected, "before": self.before, "now": self.now, "since": self.since,
        }  # fmt: skip


@dataclass(frozen=True)
class _Test:
    name: str
    p: float
    distance: float
    before: str = ""
    now: str = ""


def judged(reference: Reference, window: Window) -> list[Finding]:
    """Every test of a window, the surest first."""
    tests: dict[Family, list[_Test]] = {family: [] for family in reference.families()}
    for family, test in [*_of_numbers(reference, window), *_of_classes(reference, window)]:
        tests[family].append(test)
    if "domain" in tests:
        tests["domain"] = [_of_strange(reference, window)]
    tests["quality"].append(_of_unusable(reference, window))
    if window.late[1]:  # only where the server was told a limit
        tests["latency"] = [_of_late(window)]
    if (wrong := _of_wrong(reference, window)) is not None:
        tests["measured"].append(wrong)
    found = []
    for family, each in tests.items():
        if each:
            corrected = holm([test.p for test in each]) * len(tests)
            if family == "features":  # half of the family's share for all directions together, half for one by one
                together = _together(reference, window)
                corrected = np.append(corrected * 2, together.p * 2 * len(tests))
                each = [*each, together]
            found += [
                Finding(family, test.name, test.p, float(min(p, 1.0)), test.distance, test.before, test.now)
                for test, p in zip(each, corrected, strict=True)
            ]
    return sorted(found, key=lambda finding: (finding.corrected, -finding.distance))


def _of_numbers(reference: Reference, window: Window) -> list[tuple[Family, _Test]]:
    if not reference.numbered:
        return []
    distances = cumulative_distances(reference.counts, window.counts)
    rows, ours = reference.counts.sum(axis=1), window.counts.sum(axis=1)
    p = cumulative_p(distances, rows, ours, ALLOWED)
    found: list[tuple[Family, _Test]] = []
    for k, each in enumerate(reference.numbered):
        words = ("", "")
        if each.family not in ("features", "domain"):
            words = (_middle(reference.edges[k], reference.counts[k]), _middle(reference.edges[k], window.counts[k]))
        # smaller errors are a change that nobody is alarmed by
        chance = 1.0 if each.family == "measured" and not _errs_more(reference, window) else float(p[k])
        found.append((each.family, _Test(each.name, chance, float(distances[k]), *words)))
    return found


def _errs_more(reference: Reference, window: Window) -> bool:
    n, total = float(window.errors[0]), float(window.errors[1])
    return bool(n) and reference.error is not None and total / n > reference.error.mean


def _of_classes(reference: Reference, window: Window) -> list[tuple[Family, _Test]]:
    found: list[tuple[Family, _Test]] = []
    for place, (each, theirs) in enumerate(zip(reference.listed, reference.listed_counts, strict=True)):
        ours = window.listed[place]
        distance = share_distance(theirs, ours)
        # a change that is allowed is no alarm, however many examples show it
        allowed = ALLOWED_CLASSES if each.family == "classes" else ALLOWED
        p = shares_p(theirs, ours, np.random.default_rng(place)) if distance >= allowed else 1.0
        words = _most_changed(each.labels, theirs, ours)
        found.append((each.family, _Test(each.name, p, distance, *words)))
    return found


def _of_strange(reference: Reference, window: Window) -> _Test:
    """Of held-out rows one in twenty is in the first bin of how strange they are."""
    k = next(k for k, each in enumerate(reference.numbered) if each.family == "domain")
    return _more_often(STRANGE, (int(reference.counts[k, 0]), int(reference.counts[k].sum())),
                       (int(window.counts[k, 0]), int(window.counts[k].sum())))  # fmt: skip


def _of_unusable(reference: Reference, window: Window) -> _Test:
    return _more_often(UNUSABLE, reference.unusable, (window.unusable, window.examples + window.unusable))


def _of_wrong(reference: Reference, window: Window) -> _Test | None:
    """Only where the truth of some is known. Held-out rows were answered by models of fewer examples: not by better."""
    if reference.sureness is None or not window.right.size or not window.right[:, 1].sum():
        return None
    right, known = (int(value) for value in window.right.sum(axis=0))
    n = reference.sureness.n
    wrong_before = n - round(reference.sureness.right * n)
    p = more_often_p(wrong_before, n, known - right, known)
    before, now = wrong_before / n, (known - right) / known
    return _Test(WRONG, p, max(now - before, 0.0), _percent(before), _percent(now))


def _of_late(window: Window) -> _Test:
    """The limit is given, not a sample: the exact binomial test."""
    from scipy.special import bdtrc

    late, requests = (int(each) for each in window.late)
    p = float(bdtrc(late - 1, requests, SLOW)) if late else 1.0
    return _Test(LATE, p, max(late / requests - SLOW, 0.0), _percent(SLOW), _percent(late / requests))


def _more_often(name: str, before: tuple[int, int], now: tuple[int, int]) -> _Test:
    first, second = before[0] / max(before[1], 1), now[0] / max(now[1], 1)
    distance = second - first
    p = more_often_p(*before, *now) if distance >= ALLOWED else 1.0
    return _Test(name, p, max(distance, 0.0), _percent(first), _percent(second))


def _together(reference: Reference, window: Window) -> _Test:
    if not window.embedded:
        return _Test(TOGETHER, 1.0, 0.0)
    distance = discrepancy(reference.mean, window.cosines / window.embedded)
    p = discrepancy_p(distance, reference.covariance, reference.feature_rows, window.embedded, ALLOWED)
    return _Test(TOGETHER, p, distance)


def _middle(edges: NDArray[np.float64], counts: NDArray[np.int64]) -> str:
    """The median, as near as bins tell: the edge in whose neighbourhood it is."""
    known = edges[np.isfinite(edges)]
    if not counts.sum() or not len(known):
        return ""
    place = int(np.searchsorted(np.cumsum(counts), counts.sum() / 2))
    around = known[max(place - 1, 0) : place + 1] if place < len(known) else known[-1:]
    sign = "below " if place == 0 else "above " if place >= len(known) else ""
    return f"{sign}{float(np.mean(around)):.3g}"


def _most_changed(labels: Sequence[str], before: NDArray[np.int64], now: NDArray[np.int64]) -> tuple[str, str]:
    """The label whose share moved most, in words."""
    if not before.sum() or not now.sum():
        return "", ""
    first, second = before / before.sum(), now / now.sum()
    most = int(np.abs(first - second).argmax())
    return f"{labels[most]} {_percent(first[most])}", f"{labels[most]} {_percent(second[most])}"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def alarms(findings: Sequence[Finding]) -> list[Finding]:
    """Those that are alarms."""
    return [each for each in findings if each.is_alarm]


def by_family(findings: Sequence[Finding]) -> Mapping[Family, Finding]:
    """The surest finding of each family."""
    found: dict[Family, Finding] = {}
    for each in findings:
        found.setdefault(each.family, each)
    return found
