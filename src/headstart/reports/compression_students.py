"""What a compression's page says of what was taught: networks, and counted words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from headstart.reports.numbers import count, is_number
from headstart.reports.run_files import mapping


def students_told(points: Sequence[Mapping[str, Any]], section: Mapping[str, Any], noun: str) -> str:
    """By how many examples they were taught, and by how many judged; empty where there are none.

    Args:
        points: Of the search.
        section: "compression" of evidence.json.
        noun: Of the examples, plural.
    """
    taught, counted = mapping(section.get("taught")), _counted(points, noun)
    networks = [each for each in points if mapping(each.get("knobs")).get("student")]
    told = [mapping(taught[name]) for each in networks if (name := str(each.get("name"))) in taught]
    judged = [n for each in networks if is_number(n := each.get("n"))]
    if not told or not judged:
        return counted
    further = mapping(section.get("unlabelled")).get("n")
    more = f" and {count(further)} without labels" if further else ""
    return (
        "The last stages of students learned to say what the model as it is says, from "
        f"{count(told[0].get('labelled'))} {noun}{more}. Students are judged on the {count(max(judged, default=None))} "
        "held-out ones that never taught them, against the model as it is on the same: their intervals are wider. "
        + counted
    ).strip()


def _counted(points: Sequence[Mapping[str, Any]], noun: str) -> str:
    """What the point without a network is; empty where there is none."""
    found = next((each for each in points if mapping(each.get("knobs")).get("counted")), None)
    if found is None:
        return ""
    name = str(found.get("name")).capitalize()
    return (
        f"{name} need no network: a linear model on words and characters, taught by labels and by what the model as it "
        f"is says, is judged on all {count(found.get('n'))} held-out {noun}, each by a model that saw neither it nor a "
        "teacher that did. Its time is that of counting and answering."
    )
