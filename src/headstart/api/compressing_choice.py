"""What ships of a search: chosen on the rows that were looked at, confirmed on all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headstart.compression import gate
from headstart.compression.expected import FEWEST, expected_losses

if TYPE_CHECKING:
    from headstart.api.compressing_bench import Made, Workbench
    from headstart.api.compressing_counted import Counted
    from headstart.compression.asked import Asked
    from headstart.compression.gate import Verdict

MOST_CONFIRMED = 4  # passes over all rows


def chosen(
    work: Workbench,
    whole: Workbench,
    base: Made,
    found: list[Made],
    others: Sequence[Counted],
    asked: Asked,
) -> tuple[Verdict, Made | Counted | None]:
    """The verdict and what ships; a point of ``found`` that was confirmed has the figures of all rows.

    Where a search looked at some of the rows only, a point that does not hold on all of them gives way to the next.

    Args:
        work: Which was searched with.
        whole: The same with all rows; it is ``work`` where they were looked at.
        base: The model as it is.
        found: Networks that were measured; changed.
        others: What is no network, and was measured on all rows.
        asked: By the user.
    """
    expect(work, base, found)
    confirmed: set[str] = set()
    while True:
        points = [each.point for each in found]
        open_still = points if len(confirmed) < MOST_CONFIRMED else [each for each in points if each.name in confirmed]
        allowed = [*open_still, *(each.point for each in others)]
        verdict = gate.decided(allowed, base.point, asked.max_drop, asked.speedup, asked.smaller)
        if verdict.point is None:
            return verdict, None
        if verdict.point.knobs.is_counted:
            return verdict, next(each for each in others if each.point is verdict.point)
        place = points.index(verdict.point)
        if work is whole or verdict.point.name in confirmed:
            return verdict, found[place]
        found[place] = _on_all(whole, found[place])
        confirmed.add(verdict.point.name)


def expect(work: Workbench, base: Made, found: list[Made]) -> None:
    """Write down what each point is expected to lose in the light of the others.

    One with a trimmed vocabulary says what the whole one says but for a few rows: it tells nothing more of the others,
    and is expected to lose what the whole one is, and what lies between the two.
    """
    networks = [each for each in found if not each.knobs.is_trimmed]
    if len(networks) < FEWEST:
        return
    bench, speeds = work.bench, np.array([each.point.speedup(base.point) for each in networks])
    benches = [bench.of(is_student=each.knobs.is_student) for each in networks]
    rows = [
        judged.lost(each.solution.out_of_fold, base.point.unit) for judged, each in zip(benches, networks, strict=True)
    ]
    lost = np.asarray(rows, np.float64)[:, bench.rows]
    losses = expected_losses(lost, speeds).tolist()
    beside = {each.knobs: loss - each.point.drop for each, loss in zip(networks, losses, strict=True)}
    for place, each in enumerate(found):
        more = beside.get(replace(each.knobs, is_trimmed=False), 0.0)  # the model as it is loses nothing
        found[place] = replace(each, point=replace(each.point, expected=each.point.drop + more))


def _on_all(whole: Workbench, made: Made) -> Made:
    """With a head of all rows, judged on all of them that are held out."""
    bench = whole.bench.of(is_student=made.knobs.is_student)
    solution = whole.solution(made.knobs, made.backbone, made.graph, made.precision)
    score, difference = bench.compared(solution.out_of_fold)
    point = replace(made.point, score=score, difference=difference, n=len(bench.rows), expected=None)
    return replace(made, solution=solution, point=point)
