"""What computes where a compressed model will run: of the runtimes that run the network as it is, the fastest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.api.compressing_bench import BATCH, preparer_of
from headstart.compression.running import AUTO, Target, able, targets
from headstart.compression.timing import milliseconds
from headstart.core.errors import BackendError, HeadstartError
from headstart.core.resources import cache_folder

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from headstart.api.two_domains import SourceRows


def fastest(
    wanted: str, backbone: Any, threads: int, source: SourceRows, part: int, by: str
) -> tuple[Target, dict[str, str]]:
    """The runtime and precision in which the model as it is computes a batch, or for latency one input, fastest.

    Returns:
        That, and why others cannot run the network, by name.

    Raises:
        BackendError: none that is wanted can run it; the message names one that can.
    """
    from headstart.runtimes.onnx_graph import export

    known = targets(wanted, threads)
    graph = export(backbone, 0, len(backbone.stages), cache_folder())
    preparer, inputs = preparer_of(backbone), source.dataset.parts[part].inputs
    batch = np.stack([preparer.prepare(inputs.read(0))] * (1 if by == "latency" else BATCH))
    found, failed = able(known, graph, batch)
    if not found:
        raise BackendError(_nobody(wanted, failed, graph, batch, threads))
    if len(found) == 1:
        return found[0], failed
    runs = {each.told: (each.compute(graph, len(batch), str(batch.dtype)), [batch]) for each in found}
    took = milliseconds(runs, 3)
    return min(found, key=lambda each: took[each.told]), failed


def _nobody(wanted: str, failed: dict[str, str], graph: Path, batch: NDArray[Any], threads: int) -> str:
    """Why nothing can be measured, and what to do."""
    why = "; ".join(f"{name}: {reason}" for name, reason in failed.items())
    told = f"the network as it is must run on --runtime {wanted}, and cannot. {why}"
    try:
        others = [] if wanted == AUTO else able([each for each in targets(AUTO, threads) if each.name != wanted], graph,
                                                batch)[0]  # fmt: skip
    except HeadstartError:  # none is installed
        others = []
    names = list(dict.fromkeys(each.name for each in others))
    advice = f"It runs on {' and '.join(names)}: name that with --runtime." if names else "The model stays as it is."
    return f"{told.rstrip('.')}. {advice}"
