"""What the point that came nearest would cost, where none ships: on held-out examples, since the test is not read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.api.compressed_head import calibrated_head
from headstart.api.compression_costs import costs_of

if TYPE_CHECKING:
    from headstart.api.compressing_bench import Made, Workbench
    from headstart.api.compressing_counted import Counted
    from headstart.api.two_domains import SourceRows

SEED = 0


def costs_held_out(
    work: Workbench, whole: Workbench, source: SourceRows, base: Made, made: Made | Counted
) -> dict[str, Any]:
    """As ``compression`` of what ships says them of the test: ``name``, ``n``, ``difference``, and what it costs whom.

    Args:
        work: What was searched with.
        whole: The same with all rows.
        source: The run's examples.
        base: The model as it is, solved on the rows of ``work``.
        made: That came nearest, solved on the rows of either.
    """
    groups, slices = source.groups, source.dataset.slices
    bench = whole.bench if len(made.solution.out_of_fold) == len(source.dataset) else work.bench
    task, outputs = bench.task, bench.base
    if bench is not whole.bench:
        place = {name: row for row, name in enumerate(source.dataset.ids)}
        rows = np.array([place[name] for name in work.dataset.ids], np.int64)
        groups, slices = groups[rows], {name: values[rows] for name, values in slices.items()}
        _, calibration, task = calibrated_head(bench, base.solution, groups)
        outputs = np.full_like(bench.base, np.nan)
        outputs[bench.rows] = calibration.outputs
    judging = bench.of(is_student=made.knobs.is_student)
    held, calibration, now = calibrated_head(judging, made.solution, groups)
    tasks, said = (task, now), (outputs[judging.rows], calibration.outputs)
    before, after = (each.metrics(held.targets, its, SEED) for each, its in zip(tasks, said, strict=True))
    judged = {name: values[judging.rows] for name, values in slices.items()}
    return {
        "name": made.point.name,
        "n": len(held.targets),
        **now.compare(held.targets, said[1], said[0], SEED, task),
        **costs_of(tasks, held.targets, said, judged, (before, after), SEED),
    }
