"""How many units each group keeps: always what loses least for what it saves goes next."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from headstart.compression.pruning.scores.elimination import Elimination

MULTIPLE = 16  # channels that processors multiply at once
LEAST = 0.125  # of a group's units are always kept


def shared_out(
    eliminations: Sequence[Elimination], costs: Sequence[float], widths: Sequence[int], shares: Sequence[float]
) -> list[list[int]]:
    """Units that each group keeps, for each share.

    Greedy: of all groups the one goes next that loses least for a unit of cost, MULTIPLE channels at a time (one unit,
    where it is wider).

    Args:
        eliminations: Of groups.
        costs: Of a unit of each.
        widths: Channels of a unit of each.
        shares: Of the cost of all units that may be left, from 0 to 1, descending.
    """
    steps = [max(1, MULTIPLE // width) for width in widths]
    kept = [len(each.order) for each in eliminations]
    whole = sum(cost * units for cost, units in zip(costs, kept, strict=True))
    queue: list[tuple[float, int, int]] = []
    left, found = whole, []

    def offer(number: int) -> None:
        units, each = kept[number], eliminations[number]
        fewer = (units - 1) // steps[number] * steps[number]  # the next multiple below
        if fewer < max(1, LEAST * len(each.order)):
            return
        gone = len(each.order) - units
        before = float(each.losses[gone - 1]) if gone else 0.0
        after = float(each.losses[len(each.order) - fewer - 1])
        heapq.heappush(queue, ((after - before) / (costs[number] * (units - fewer)), number, fewer))

    for number in range(len(kept)):
        offer(number)
    for share in shares:
        while queue and left > share * whole:
            _, number, fewer = heapq.heappop(queue)
            left -= costs[number] * (kept[number] - fewer)
            kept[number] = fewer
            offer(number)
        found.append(list(kept))
    return found
