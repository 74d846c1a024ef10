"""Everything that a monitor says, as JSON: the one document that the command, the page and the webhook share."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import headstart
from headstart.evaluation.drift.cumulative import cumulative_distances, smallest_seen
from headstart.evaluation.drift.mean_embedding import discrepancy
from headstart.evaluation.drift.shares import share_distance
from headstart.monitoring.accuracy import accuracy_section, classes_section, shares_of
from headstart.monitoring.advice import advice, words
from headstart.monitoring.families import ALLOWED, LEVEL, NAMES, SLOW
from headstart.monitoring.judging import LATE, STRANGE, TOGETHER, UNUSABLE, Finding, judged
from headstart.monitoring.reference import Reference
from headstart.monitoring.window import LATENCIES, Window

SCHEMA = 1
WINDOW = 500  # examples
MOST_WINDOWS = 100  # that are judged, the latest
MOST_LOOKED_BACK = 200  # stretches in which the beginning of a change is looked for


@dataclass(frozen=True)
class Monitored:
    """Which model, for the document.

    Attributes:
        name, version: Of the bundle.
        task: Kind of its targets.
        class_names: In order.
    """

    name: str
    version: str
    task: str
    class_names: tuple[str, ...]


def windows_of(stretches: Sequence[Window], size: int) -> list[tuple[Window, list[Window]]]:
    """Stretches in order of time joined to windows of at least ``size`` examples, each with its stretches.

    The last one may be smaller; it is left out where there are others.
    """
    found: list[tuple[Window, list[Window]]] = []
    parts: list[Window] = []
    for each in sorted(stretches, key=lambda one: (one.begin, one.end)):
        parts.append(each)
        if sum(one.examples + one.unusable for one in parts) >= size:
            found.append((joined(parts), parts))
            parts = []
    if parts and not found:
        found.append((joined(parts), parts))
    return found


def joined(stretches: Sequence[Window]) -> Window:
    """All of them in one, which leaves them as they are."""
    total = deepcopy(stretches[0])
    for each in stretches[1:]:
        total += each
    return total


def document_of(
    model: Monitored,
    reference: Reference,
    stretches: Sequence[Window],
    size: int,
    source: str,
    notes: Sequence[str],
    *,
    latest: bool = False,
) -> dict[str, Any]:
    """The latest window judged, with how the former ones were.

    Args:
        model: Which.
        reference: Of its bundle.
        stretches: At least one.
        size: Examples of a window.
        source: "log" or "data".
        notes: What else people should know.
        latest: Whether the latest window alone is judged, without the shares of classes: a tenth of the time.
    """
    windows = windows_of(stretches, size)
    (last, own), before = windows[-1], [stretch for _, parts in windows[:-1] for stretch in parts]
    judged_ones = windows[-1:] if latest else windows[-MOST_WINDOWS:]
    series = [judged(reference, window) for window, _ in judged_ones]
    findings = series[-1]
    back = [*before, *own][-MOST_LOOKED_BACK:]
    findings = [replace(each, since=since(reference, back, each)) if each.is_alarm else each for each in findings]
    accuracy, shares = accuracy_section(reference, last), None if latest else shares_of(reference, last)
    if shares is not None and "estimated" in accuracy:
        accuracy["estimated"]["shares"] = shares.accuracy
    verdict = _verdict(findings, accuracy)
    rows = reference.sureness.n if reference.sureness else int(reference.counts.sum(axis=1).max(initial=0))
    return {
        "schema": SCHEMA,
        "headstart_version": headstart.__version__,
        "model": {"name": model.name, "version": model.version, "task": model.task},
        "source": source,
        "verdict": verdict,
        "alarm": any(each.is_alarm for each in findings),
        "sentence": _sentence(findings, accuracy, last),
        "level": LEVEL,
        "allowed": ALLOWED,
        "window": {
            "examples": last.examples, "unusable": last.unusable, "begin": last.begin, "end": last.end,
            "reference_examples": rows,
            "smallest_change": round(smallest_seen(LEVEL / 100, rows, last.examples, ALLOWED), 3),
        },
        "findings": [each.to_dict() for each in findings],
        "accuracy": accuracy,
        "classes": classes_section(reference, last, model.class_names, shares),
        "latency": _latency(last),
        "advice": advice(findings, accuracy, last.named, model.task),
        "examples": last.named.to_dict(),
        "windows": [_line(reference, window, each) for (window, _), each in zip(judged_ones, series, strict=True)],
        "why_not": dict(reference.why_not),
        "notes": list(notes),
    }  # fmt: skip


def since(reference: Reference, stretches: Sequence[Window], finding: Finding) -> float | None:
    """When a change most likely began: from which stretch on, all later ones together are the clearest."""
    if len(stretches) < 2:
        return None
    best, when, total = -1.0, None, None
    for each in reversed(stretches):
        total = joined([each]) if total is None else joined([total, each])
        distance, n, m = _distance(reference, total, finding)
        clear = distance * np.sqrt(n * m / max(n + m, 1))
        if clear > best:
            best, when = clear, each.begin
    return when


def _distance(reference: Reference, window: Window, finding: Finding) -> tuple[float, int, int]:
    """How far a window is from the reference in what a finding is about, with the examples on either side."""
    if finding.name == TOGETHER:
        mean = window.cosines / max(window.embedded, 1)
        return discrepancy(reference.mean, mean), reference.feature_rows, window.embedded
    for place, listed in enumerate(reference.listed):
        if (listed.family, listed.name) == (finding.family, finding.name):
            theirs, ours = reference.listed_counts[place], window.listed[place]
            return share_distance(theirs, ours), int(theirs.sum()), int(ours.sum())
    for row, numbered in enumerate(reference.numbered):
        if numbered.family == finding.family and (numbered.name == finding.name or finding.name == STRANGE):
            before, now = reference.counts[row][None], window.counts[row][None]
            return float(cumulative_distances(before, now)[0]), int(before.sum()), int(now.sum())
    if finding.name == LATE:
        late, requests = (int(each) for each in window.late)
        return max(late / max(requests, 1) - SLOW, 0.0), requests, requests
    if finding.name == UNUSABLE:
        every = window.examples + window.unusable
        return window.unusable / max(every, 1), reference.unusable[1], every
    right, known = (int(each) for each in window.right.sum(axis=0)) if window.right.size else (0, 0)
    return (known - right) / max(known, 1), reference.sureness.n if reference.sureness else 0, known


def _verdict(findings: Sequence[Finding], accuracy: dict[str, Any]) -> str:
    """One of "unchanged", "changed" and "worse": where accuracy is measured or estimated to have fallen."""
    if not any(each.is_alarm for each in findings):
        return "unchanged"
    cost = accuracy.get("cost")
    is_measured = any(each.family == "measured" and each.is_alarm for each in findings)
    return "worse" if is_measured or (cost is not None and cost["low"] > 0) else "changed"


def _sentence(findings: Sequence[Finding], accuracy: dict[str, Any], window: Window) -> str:
    alarms = [each for each in findings if each.is_alarm]
    n = f"{window.examples:,} examples"
    if not alarms:
        return f"Nothing in the {n} tells them from those that the model was held out on."
    first: dict[str, Finding] = {}
    for each in alarms:
        first.setdefault(each.family, each)
    seen = "; ".join(f"{NAMES[each.family]} ({each.name}: {words(each)})" for each in first.values())
    return f"Changed in the {n}: {seen}.{_cost(accuracy, is_strange='domain' in first)}"


def _cost(accuracy: dict[str, Any], *, is_strange: bool) -> str:
    """In words; of inputs of another kind a model is surer than it should be, so that an estimate is a lower limit."""
    measured = accuracy.get("measured")
    if measured is not None and accuracy["metric"] == "accuracy":
        before = accuracy["held_out"]["value"]
        return (
            f" Measured accuracy: {measured['value'] * 100:.0f} % ({measured['low'] * 100:.0f} to "
            f"{measured['high'] * 100:.0f}; n = {measured['n']}), {before * 100:.0f} % when held out."
        )
    if measured is not None:
        before = accuracy["held_out"]["value"]
        return f" Mean absolute error: {measured['value']:.3g} (n = {measured['n']}), {before:.3g} when held out."
    cost = accuracy.get("cost")
    if cost is None:
        return ""
    if cost["value"] <= 0:
        return " Estimated accuracy is not lower."
    at_least = "at least " if is_strange else ""
    span = f"{cost['low']:.1f} to {cost['high']:.1f}"
    return f" Estimated cost: {at_least}{cost['value']:.1f} points of accuracy ({span})."


def _latency(window: Window) -> dict[str, Any] | None:
    """Quantiles as upper ends of the bins they fall in; None where nothing was timed."""
    n = int(window.seconds.sum())
    if not n:
        return None
    running = np.cumsum(window.seconds) / n
    ends = [*LATENCIES, None]
    return {
        "requests": n,
        **{f"p{q}_seconds_at_most": ends[int(np.searchsorted(running, q / 100))] for q in (50, 95, 99)},
    }


def _line(reference: Reference, window: Window, findings: Sequence[Finding]) -> dict[str, Any]:
    accuracy = accuracy_section(reference, window)
    estimated = accuracy.get("estimated")
    families = list(dict.fromkeys(each.family for each in findings if each.is_alarm))
    return {
        "begin": window.begin, "end": window.end, "examples": window.examples, "unusable": window.unusable,
        "alarm": bool(families), "families": families,
        "accuracy_estimated": estimated["confidence"] if estimated else None,
        "accuracy_measured": accuracy.get("measured"),
    }  # fmt: skip
