"""A way measured: its head, and how long it takes on the target in turns with the model as it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.api.compressing_bench import Made
from headstart.compression.points import Point
from headstart.compression.timing import milliseconds
from headstart.core.resources import cache_folder

if TYPE_CHECKING:
    from headstart.api.compressing_bench import Workbench
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.compression.knobs import Knobs
    from headstart.core.learning import Solution

TIMED = 32  # inputs that are timed


def measured(
    bench: Workbench,
    base: Made,
    knobs: Knobs,
    backbone: Backbone,
    graph: Path | None = None,
    solution: Solution | None = None,
    took: tuple[float, float] | None = None,
) -> Made:
    """Exported, its head solved on what the graph itself gives, and timed beside the model as it is.

    Args:
        bench: That measures.
        base: The model as it is.
        knobs: How it was turned down.
        backbone: The network.
        graph: Of it; None: it is exported.
        solution: On what the graph gives, where it is known.
        took: What :func:`timed_beside` says of it, if that is known.
    """
    graph = graph or exported(backbone)
    precision = "int8" if knobs.is_int8 else bench.target.precision
    solution = solution or bench.solution(knobs, backbone, graph, precision)
    judging = bench.bench.of(is_student=knobs.is_student)
    score, difference = judging.compared(solution.out_of_fold)
    alone, batch = took or timed_beside(bench, base, {"this": (backbone, graph, precision)})["this"]
    point = Point(
        knobs.name(bench.modality), knobs, score, difference, alone, batch, base.point.unit,
        graph.stat().st_size, bench.target.name, precision, len(judging.rows),
    )  # fmt: skip
    return Made(knobs, backbone, graph, precision, solution, point)


def exported(backbone: Backbone) -> Path:
    """Graph of the whole network."""
    from headstart.runtimes.onnx_graph import export

    return export(backbone, 0, len(backbone.stages), cache_folder())


def timed_beside(
    bench: Workbench, base: Made, ways: dict[str, tuple[Backbone, Path, str]]
) -> dict[str, tuple[float, float]]:
    """Milliseconds of ways, in turns with the model as it is, see :func:`timed` and :func:`beside`."""
    took = timed(bench, {"base": (base.backbone, base.graph, base.precision), **ways})
    return {name: beside(base.point, took["base"], took[name]) for name in ways}


def beside(base: Point, then: tuple[float, float], now: tuple[float, float]) -> tuple[float, float]:
    """Milliseconds of a way that was measured ``now`` in turns with the model as it is, which took ``then``.

    What else the machine does meets both alike: the ratio holds, and the base's time is its first.
    """
    alone, batch = (was * mine / its for was, mine, its in zip((base.alone, base.batch), now, then, strict=True))
    return alone, batch


def timed(
    bench: Workbench, ways: dict[str, tuple[Backbone, Path, str]], others: dict[str, Any] | None = None
) -> dict[str, tuple[float, float]]:
    """Milliseconds an input, one at a time and BATCH at once, measured in turns on the run's own inputs.

    Args:
        bench: That holds them.
        ways: Networks by name.
        others: What is no network, by name: its call and its inputs, one at a time and together.
    """
    runs: dict[str, Any] = {}
    for name, (call, one_by_one, at_once) in (others or {}).items():
        runs |= {f"{name}/alone": (call, one_by_one), f"{name}/batch": (call, at_once)}
    for name, (backbone, graph, precision) in ways.items():
        runs |= {f"{name}/{when}": run for when, run in _runs(bench, backbone, graph, precision).items()}
    found = milliseconds(runs)
    return {name: (found[f"{name}/alone"], found[f"{name}/batch"]) for name in (*ways, *(others or ()))}


def _runs(bench: Workbench, backbone: Backbone, graph: Path, precision: str) -> dict[str, Any]:
    """Calls of a graph and their inputs, alone and together; those of the model as it is are kept, it comes often."""
    is_base = backbone is bench.backbone and precision == bench.target.precision
    if is_base and bench.runs:
        return bench.runs
    inputs = bench.prepared(backbone, TIMED)
    together = [np.stack(group) for group in alike(inputs)]
    sizes = sorted({1, *(len(group) for group in together)})
    compute = bench.target.stepped(graph, sizes, str(backbone.example(1).dtype), precision)
    runs: dict[str, Any] = {"alone": (compute, [each[None] for each in inputs[:8]]), "batch": (compute, together)}
    if is_base:
        bench.runs |= runs
    return runs


def alike(inputs: Sequence[NDArray[Any]]) -> list[list[NDArray[Any]]]:
    """Inputs of one shape together."""
    groups: dict[tuple[int, ...], list[NDArray[Any]]] = {}
    for each in inputs:
        groups.setdefault(each.shape, []).append(each)
    return list(groups.values())
