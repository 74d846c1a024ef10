"""Every way to turn a run's network down, measured: features of all rows, heads held out, time on the target."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from headstart.api.compressing_bench import BATCH, TIMED, Made, Workbench, measured, preparer_of, timed
from headstart.api.compressing_integers import in_integers
from headstart.compression.judging import drawn
from headstart.compression.knobs import Knobs, sizes_of, stages_of
from headstart.compression.points import Point, front
from headstart.compression.smaller import smaller
from headstart.core.errors import ConfigError
from headstart.core.learning import Ints
from headstart.core.resources import cache_folder

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.data.dataset import Dataset

logger = logging.getLogger(__name__)
MOST_ROWS = 2000  # on which ways are told apart; what is chosen is confirmed on all
MOST_INT8 = 6  # ways that are quantised
SAME = 1e-3  # of the largest feature: both come of one pass
NEAR = 2.0  # points more than may be lost, up to which a way is exported and timed


Students = Callable[[Workbench, Made, Sequence[Made], float], list[Made]]


def looked_at(whole: Workbench, groups: Ints) -> Workbench:
    """With the rows that a search looks at; ``whole`` itself where these are all.

    Args:
        whole: With all rows.
        groups: ``(n,)``: kept together.
    """
    rows = drawn(whole.bench, groups, MOST_ROWS)
    if rows is None:
        return whole
    return replace(whole, dataset=whole.dataset.take(rows), bench=whole.bench.on(rows), is_part=True)


def searched(bench: Workbench, base: Made, max_drop: float, students: Students) -> list[Made]:
    """All ways that were measured.

    First sizes and depths: one pass for each size gives the averaged output of every stage, and a head is solved on
    each. Those that lose not much more than is allowed are exported and timed; faster ones that lose more are taught;
    the best of all are quantised too.

    Args:
        bench: What is searched with.
        base: The model as it is on the target, see :func:`as_it_is`.
        max_drop: Points that may be lost.
        students: Teaches what is worth it, as ``compressing_students.students`` does.
    """
    ways = _sizes_and_depths(bench, max_drop, strength_of(base))
    bench.progress.step("measure", len(ways))
    found = []
    for knobs, backbone in ways:
        bench.progress.advance()
        if not bench.is_late:
            found.append(measured(bench, base, knobs, backbone))
    found += students(bench, base, found, max_drop)
    candidates = [base.point, *(each.point for each in found)]
    promising = sorted(front(candidates, base.point), key=lambda point: point.drop)[:MOST_INT8]
    by_name = {each.point.name: each for each in [base, *found]}
    bench.progress.step("quantise", len(promising))
    for point in promising:
        bench.progress.advance()
        found += in_integers(bench, base, by_name[point.name], max_drop)
    return found


def as_it_is(bench: Workbench) -> Made:
    """The model on the target, whose head is solved as those of its rivals are."""
    from headstart.runtimes.onnx_graph import export

    graph = export(bench.backbone, 0, len(bench.backbone.stages), cache_folder())
    bench.progress.step("features of the model as it is", len(bench.dataset))
    features = bench.features(bench.backbone, graph, bench.target.precision, bench.dataset)
    solution = bench.bench.solved(features)
    if bench.is_part:
        bench.bench = replace(bench.bench, base=solution.out_of_fold)
    alone, batch = timed(bench, {"base": (bench.backbone, graph, bench.target.precision)})["base"]
    score = float(
        bench.bench.task.score(bench.bench.targets.take(bench.bench.rows), bench.bench.base[bench.bench.rows])
    )
    nothing = {"value": 0.0, "low": 0.0, "high": 0.0}
    point = Point(
        Knobs().name(bench.modality), Knobs(), score, nothing, alone, batch, _unit(bench, score),
        graph.stat().st_size, bench.target.name, bench.target.precision, len(bench.bench.rows),
        by=bench.by,
    )  # fmt: skip
    return Made(Knobs(), bench.backbone, graph, bench.target.precision, solution, point)


def _unit(bench: Workbench, score: float) -> float:
    """Points of a unit of the primary metric."""
    return 100.0 / max(abs(score), 1e-12) if bench.bench.targets.kind == "real" else 100.0


def strength_of(base: Made) -> float | None:
    """Penalty per feature of the head as it is; None where it has no such number."""
    found = base.solution.report.get("penalty")
    return float(found) / base.backbone.feature_dim if isinstance(found, int | float) else None


def _sizes_and_depths(bench: Workbench, max_drop: float, strength: float | None) -> list[tuple[Knobs, Backbone]]:
    """Ways in float whose heads lose at most NEAR points more than is allowed."""
    longest = longest_of(bench.dataset, bench.part, bench.backbone)
    sizes: list[float | None] = [None, *sizes_of(bench.backbone.card, longest)]
    kept: list[tuple[Knobs, Backbone]] = []
    bench.progress.step("sizes and depths", len(sizes))
    for size in sizes:
        bench.progress.advance()
        if bench.is_late:
            break
        try:
            at_size = smaller(bench.backbone, Knobs(size))
        except ConfigError as error:
            bench.skipped[Knobs(size).name(bench.modality)] = str(error)
            continue
        found = _by_stage(bench, at_size)
        for stage, features in found.items():
            knobs = Knobs(size, stage)
            if knobs == Knobs() or bench.is_late or (stage is not None and says_the_same(features, found[None])):
                continue
            score, difference = bench.bench.compared(bench.bench.glanced(features, strength))
            lost = -_unit(bench, score) * float(difference["value"] or 0.0)
            bench.looked[knobs] = lost
            logger.info("%s: %.4f, %.2f points lost", knobs.name(bench.modality), score, lost)
            if lost <= max_drop + NEAR:
                kept.append((knobs, smaller(bench.backbone, knobs)))
    return kept


def says_the_same(features: NDArray[np.float32], whole: NDArray[np.float32]) -> bool:
    """Whether what follows a stage only pools: its averages ``(n, C)`` are the features of the whole network."""
    if features.shape != whole.shape:
        return False
    return bool(np.abs(features - whole).max() <= SAME * np.abs(whole).max())


def _by_stage(bench: Workbench, backbone: Backbone) -> dict[str | None, NDArray[np.float32]]:
    """``(n, C)`` averaged outputs of stages by name, and the features themselves under None; one pass for all."""
    from headstart.engine.activations.address import network_space
    from headstart.engine.feature_pass import Extraction, run_pass
    from headstart.engine.pooled_stages import PooledStages
    from headstart.runtimes.settled import settled

    target, part, preparer = bench.target, bench.dataset.parts[bench.part], preparer_of(backbone)
    choice = settled(target.name, target.precision, target.threads, BATCH, "the target of a compression")
    ends: dict[str | None, int] = {name: backbone.stage_index(name) for name in stages_of(backbone.card)}
    ends[None] = len(backbone.stages)
    spaces = {
        name: network_space(
            name=backbone.name, weights_digest=backbone.weights_digest(end), stage=end,
            preparer_address=preparer.address(), runtime={**choice.address(), "sliced": True},
        )
        for name, end in ends.items()
    }  # fmt: skip
    missing = {name: bench.store.missing(space, part.keys) for name, space in spaces.items()}
    todo = [name for name, rows in missing.items() if rows.any()]
    if todo:
        pooled = PooledStages(backbone, [ends[name] for name in todo], choice, cache_folder())
        extractions = [
            Extraction(str(name), spaces[name], pooled.width(ends[name]), pooled.at(ends[name]), missing[name])
            for name in todo
        ]
        run_pass(part.inputs, part.keys, preparer, extractions, bench.store, workers=bench.threads, batch_size=BATCH)
    return {name: bench.store.read(space, part.keys) for name, space in spaces.items()}


def longest_of(dataset: Dataset, part: int, backbone: Backbone) -> float | None:
    """Most positions, or seconds, that the examples have as the network takes them; None for pictures."""
    if backbone.modality == "image":
        return None
    preparer, inputs = preparer_of(backbone), dataset.parts[part].inputs
    rows = np.random.default_rng(0).permutation(len(inputs))[:TIMED]
    lengths = [len(preparer.prepare(inputs.read(int(row)))) for row in rows]
    if backbone.modality == "text":
        return float(max(lengths))
    return max(lengths) / float(backbone.preprocessing.sample_rate)  # type: ignore[attr-defined]  # of recordings
