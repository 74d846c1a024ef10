"""Memory of the model as it is and of the points that nothing else beats, on the target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from headstart.api.compressing_bench import BATCH, Made
from headstart.api.compressing_measuring import TIMED
from headstart.compression.memory import memory_of
from headstart.compression.points import worth_keeping

if TYPE_CHECKING:
    from headstart.api.compressing_bench import Workbench
    from headstart.api.compressing_counted import Counted


def measure_memory(bench: Workbench, base: Made, found: Sequence[Made | Counted]) -> None:
    """Write into ``bench.memory`` what each network takes that answers the longest of some inputs, BATCH of it.

    Counted words are no graph and are left out.

    Args:
        bench: That holds inputs.
        base: The model as it is.
        found: All that was measured.
    """
    best = {each.name for each in worth_keeping([base.point, *(each.point for each in found)], base.point)}
    networks = [base, *(each for each in found if isinstance(each, Made) and each.point.name in best)]
    bench.progress.step("memory", len(networks))
    for made in networks:
        bench.progress.advance()
        longest = max(bench.prepared(made.backbone, TIMED), key=len)
        batch = np.stack([longest] * BATCH)
        if (memory := memory_of(bench.target, made.graph, made.precision, batch)) is not None:
            bench.memory[made.point.name] = memory
