"""Which student to teach next, when a training takes minutes and only a few can be had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

LEFT = 0.35  # of what a network loses untaught, that its student loses: a tenth to four tenths on what we measured


def next_to_teach(untaught: Sequence[float], max_drop: float, taught: Mapping[int, float]) -> int | None:
    """Place of the fastest network that is likely to be good enough once it is taught; None: nothing is left to learn.

    Students that were taught already say between which places the fastest good one lies, and what share of a loss is
    left; before the first of them :data:`LEFT` is taken for that share.

    Args:
        untaught: Points that networks lose as they stand, ascending and above 0; each is faster than the one before.
        max_drop: Points that may be lost.
        taught: What students lose, by place.
    """
    good = [place for place, lost in taught.items() if lost <= max_drop]
    low = max(good, default=-1) + 1
    bad = [place for place, lost in taught.items() if lost > max_drop and place >= low]
    places = range(low, min(bad, default=len(untaught)))
    if not places:
        return None
    share = sum(max(lost, 0.0) / untaught[place] for place, lost in taught.items()) / len(taught) if taught else LEFT
    return max((place for place in places if share * untaught[place] <= max_drop), default=places[0])
