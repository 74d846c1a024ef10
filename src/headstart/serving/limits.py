"""What an input measures against what the server allows, before it is decoded."""

from __future__ import annotations

from collections.abc import Sequence

from headstart.core.errors import DataError
from headstart.serving.settings import Limits

MEGA = 1e6


def check(measures: Sequence[str], values: Sequence[int], limits: Limits) -> None:
    """Raise DataError where an input is larger than ``limits``.

    Args:
        measures: Names of what a modality's ``look`` returns.
        values: That, for one input.
        limits: Of the server.
    """
    found = dict(zip(measures, values, strict=True))
    if {"height", "width"} <= found.keys():
        _at_most(found["height"] * found["width"] / MEGA, limits.megapixels, "megapixels")
    if {"samples", "sample_rate"} <= found.keys():
        _at_most(found["samples"] / max(found["sample_rate"], 1), limits.seconds, "seconds")
    if "characters" in found:
        _at_most(found["characters"], limits.characters, "characters")


def _at_most(value: float, most: float, unit: str) -> None:
    if value > most:
        raise DataError(f"an input may have at most {most:,g} {unit}; this one has {value:,.6g}")
