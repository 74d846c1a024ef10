"""Sizes of inputs and depths of the network in float: looked at in one pass each, then exported and timed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from headstart.api.compressing_bench import BATCH, preparer_of, unit_of
from headstart.api.compressing_framings import framing_for
from headstart.api.compressing_measuring import TIMED, exported, measured, timed_beside
from headstart.compression.knobs import Knobs, sizes_of, stages_of
from headstart.compression.smaller import smaller
from headstart.core.errors import ConfigError
from headstart.core.resources import cache_folder

if TYPE_CHECKING:
    from headstart.api.compressing_bench import Made, Workbench
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.compression.asked import Asked
    from headstart.core.learning import Solution
    from headstart.data.dataset import Dataset

logger = logging.getLogger(__name__)
SAME = 1e-3  # of the largest feature: both come of one pass
NEAR = 2.0  # points more than may be lost, up to which a way is exported and timed


def in_floats(work: Workbench, base: Made, found: Sequence[Made], asked: Asked) -> list[Made]:
    """Smaller inputs and less depth: one pass for each size gives the averaged output of every stage, and a head is
    solved on each. Those that lose not much more than is allowed are exported and timed.
    """
    ways = _sizes_and_depths(work, asked.max_drop, base.strength)
    if work.is_late:  # what was looked at is not for nothing: the smallest that may be good enough is measured
        ways = [way for way in ways if work.looked[way[0]] <= asked.max_drop][-1:]
    work.progress.step("measure", len(ways))
    precision, graphs = work.target.precision, {}
    solutions: dict[Knobs, Solution] = {}
    for knobs, backbone in ways:
        work.progress.advance()
        if not work.is_late or not solutions:
            with work.skipping(knobs):
                graph = exported(backbone)
                solutions[knobs] = work.solution(knobs, backbone, graph, precision)
                graphs[knobs.name(work.modality)] = backbone, graph, precision
    took = timed_beside(work, base, graphs) if graphs else {}  # all in turns with one another
    made = []
    for knobs, solution in solutions.items():
        backbone, graph, _ = graphs[knobs.name(work.modality)]
        made.append(measured(work, base, knobs, backbone, graph, solution, took[knobs.name(work.modality)]))
    return made


def _sizes_and_depths(bench: Workbench, max_drop: float, strength: float | None) -> list[tuple[Knobs, Backbone]]:
    """Ways in float whose heads lose at most NEAR points more than is allowed."""
    longest = longest_of(bench.dataset, bench.part, bench.backbone)
    sizes: list[float | None] = [None, *sizes_of(bench.backbone.card, longest)]
    framing = framing_for(bench, strength, lambda at: _by_stage(bench, smaller(bench.backbone, at))[None])
    seen = [Knobs(), *(Knobs(size, framing=framing) for size in sizes)]
    kept: list[tuple[Knobs, Backbone]] = []
    bench.progress.step("sizes and depths", len(seen))
    for at in dict.fromkeys(seen):
        bench.progress.advance()
        if bench.is_late:
            break
        try:
            at_size = smaller(bench.backbone, at)
        except ConfigError as error:
            bench.skipped[at.name(bench.modality)] = str(error)
            continue
        found = _by_stage(bench, at_size)
        for stage, features in found.items():
            knobs = replace(at, stage=stage)
            if knobs == Knobs() or bench.is_late or (stage is not None and says_the_same(features, found[None])):
                continue
            score, difference = bench.bench.compared(bench.bench.glanced(features, strength))
            lost = -unit_of(bench, score) * float(difference["value"] or 0.0)
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

    target, part, preparer = bench.target, bench.dataset.parts[bench.part], bench.preparer(backbone)
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
