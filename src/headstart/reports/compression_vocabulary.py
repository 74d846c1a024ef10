"""What a compression's page says of vocabularies that were trimmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from headstart.reports.numbers import count, is_number
from headstart.reports.run_files import mapping


def vocabulary_told(points: Sequence[Mapping[str, Any]], section: Mapping[str, Any], noun: str) -> str:
    """How many tokens are left, and how many texts miss one; empty where nothing was trimmed.

    Args:
        points: Of the search.
        section: "compression" of evidence.json.
        noun: Of the examples, plural.
    """
    told = mapping(section.get("vocabulary"))
    if not told or not any(mapping(each.get("knobs")).get("trimmed") for each in points):
        return ""
    tested = mapping(told.get("test"))
    on_the_test = (
        f"; what ships lacks a token of {_share(tested, f'test {noun}')}" if is_number(tested.get("n")) else ""
    )
    return (
        f"A network with its own vocabulary holds {count(told.get('tokens'))} of {count(told.get('of'))} tokens: those "
        f"that the {noun} of the run use, and all characters, in which it spells the others. It is judged as if "
        f"held-out {noun} had not been known: {_share(told, noun)} have a token that none outside their fold has, and "
        f"are read without it{on_the_test}."
    )


def _share(told: Mapping[str, Any], noun: str) -> str:
    return f"{count(told.get('lost'))} of {count(told.get('n'))} {noun}"
