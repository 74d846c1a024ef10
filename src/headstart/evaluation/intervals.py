"""How a number from a sample is written down: its value, its bounds, and a note where there are no bounds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

LEVEL = 0.95  # of every interval in this room
SHOWN = 3  # names listed in a warning before "and n more"


def interval(value: float | None, bounds: tuple[float, float] | None, note: str = "") -> dict[str, Any]:
    """``{"value", "low", "high", "level"}`` as evidence.json holds it.

    Args:
        value: The metric; None where it is undefined (the recall of a class without examples).
        bounds: ``(low, high)``, or None where no interval can be given.
        note: Why there are no bounds; kept under "note" and turned into a warning by :func:`warnings_of`.

    >>> interval(0.5, (0.25, 0.75))
    {'value': 0.5, 'low': 0.25, 'high': 0.75, 'level': 0.95}
    """
    low, high = (None, None) if bounds is None else (float(bounds[0]), float(bounds[1]))
    found: dict[str, Any] = {
        "value": None if value is None else float(value),
        "low": low,
        "high": high,
        "level": LEVEL,
    }
    if any(number is not None and not math.isfinite(number) for number in (found["value"], low, high)):
        raise ValueError(f"an interval must be finite; got {found}. Pass None with a note instead.")
    if note:
        found["note"] = note
    return found


def warnings_of(section: Mapping[str, Any]) -> list[str]:
    """One sentence for each note in a section of evidence; the same note of several classes gives one sentence.

    >>> warnings_of({"per_class": {"hat": {"recall": interval(None, None, "no test example")}}})
    ["recall of 'hat' has no interval: no test example"]
    """
    places: dict[tuple[str, str], list[str]] = {}
    for path, note in _notes(section, ()):
        places.setdefault((path[-1] if path else "value", note), []).append(path[-2] if len(path) > 1 else "")
    sentences = []
    for (metric, note), owners in places.items():
        named = [repr(owner) for owner in owners if owner]
        more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
        of = f" of {', '.join(named[:SHOWN])}{more}" if named else ""
        sentences.append(f"{metric}{of} has no interval: {note}")
    return sentences


def _notes(section: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(section.get("note"), str) and "low" in section:
        yield path, section["note"]
        return
    for key, inner in section.items():
        if isinstance(inner, Mapping):
            yield from _notes(inner, (*path, str(key)))
