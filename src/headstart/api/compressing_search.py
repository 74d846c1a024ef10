"""Every way to turn a run's network down, measured: features of all rows, heads held out, time on the target."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.compression.judging import drawn
from headstart.compression.knobs import Knobs, sizes_of, stages_of
from headstart.compression.points import Point, front
from headstart.compression.smaller import smaller
from headstart.compression.timing import milliseconds
from headstart.core.errors import BackendError, ConfigError, MissingExtraError
from headstart.core.files import sha256_file
from headstart.core.learning import Ints, Solution
from headstart.core.resources import cache_folder

if TYPE_CHECKING:
    from headstart.api.compressing_schooling import Schooling
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.compression.judging import Bench
    from headstart.compression.running import Target
    from headstart.core.progress import Progress
    from headstart.data.dataset import Dataset
    from headstart.engine.activations.store import Store

logger = logging.getLogger(__name__)
BATCH = 32
TIMED = 32  # inputs that are timed
CALIBRATION = 128  # inputs that set ranges of activations
MOST_ROWS = 2000  # on which ways are told apart; what is chosen is confirmed on all
MOST_INT8 = 6  # ways that are quantised
NEAR = 2.0  # points more than may be lost, up to which a way is exported and timed


@dataclass
class Made:
    """A network turned down and made runnable.

    Attributes:
        knobs: How.
        backbone: In torch.
        graph: ONNX file.
        precision: Of the graph on the target.
        solution: Heads on its features.
        point: Its figures.
    """

    knobs: Knobs
    backbone: Backbone
    graph: Path
    precision: str
    solution: Solution
    point: Point


@dataclass
class Workbench:
    """What a search works with.

    Attributes:
        backbone: As it is.
        dataset: n rows, none of them tested.
        part: Place of what the network sees.
        bench: On which points are judged.
        target: What computes.
        store: Where features are kept.
        threads: That prepare inputs.
        progress: Told of steps.
        deadline: Seconds of ``time.monotonic`` from which on nothing new is begun; None: none.
        is_part: Whether ``dataset`` is some of the run's rows: its heads are compared with one solved on as few.
        schooling: Of students; None: none are tried.
        looked: Points that ways in float lose at a first look, by knobs.
        taught: How students learned, by name.
        skipped: Why ways were not tried, by name.
    """

    backbone: Backbone
    dataset: Dataset
    part: int
    bench: Bench
    target: Target
    store: Store
    threads: int
    progress: Progress
    deadline: float | None
    is_part: bool = False
    schooling: Schooling | None = None
    looked: dict[Knobs, float] = field(default_factory=dict)
    taught: dict[str, dict[str, Any]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)

    @property
    def modality(self) -> str:
        """Of the network."""
        return str(self.backbone.modality)

    @property
    def is_late(self) -> bool:
        """Whether time is up."""
        return self.deadline is not None and time.monotonic() > self.deadline

    def features(self, backbone: Backbone, graph: Path, precision: str, dataset: Dataset) -> NDArray[np.float32]:
        """``(n, D)`` as the graph gives them on the target, kept."""
        from headstart.engine.activations.address import Space
        from headstart.engine.feature_pass import Extraction, run_pass

        preparer = preparer_of(backbone)
        described = {
            "kind": "compressed", "graph": sha256_file(graph), "preparation": dict(preparer.address()),
            "runtime": [self.target.name, precision, self.target.threads, BATCH],
        }  # fmt: skip
        space, part = Space(described), dataset.parts[self.part]
        wanted = self.store.missing(space, part.keys)
        if wanted.any():
            compute = self.target.compute(graph, BATCH, str(backbone.example(1).dtype), precision)
            extraction = Extraction("compressed", space, backbone.feature_dim, compute, wanted)
            found = run_pass(
                part.inputs, part.keys, preparer, [extraction], self.store,
                workers=self.threads, batch_size=BATCH, progress=self.progress,
            )  # fmt: skip
            if found.failures:
                row, reason = next(iter(found.failures.items()))
                raise ConfigError(f"{part.inputs.name(row)} could be read before and cannot be now: {reason}.")
        return self.store.read(space, part.keys)

    def prepared(self, backbone: Backbone, count: int, seed: int = 0) -> list[NDArray[Any]]:
        """So many inputs of the run, drawn at random, as a network takes them."""
        part, preparer = self.dataset.parts[self.part], preparer_of(backbone)
        rows = np.random.default_rng(seed).permutation(len(part.inputs))[:count]
        return [preparer.prepare(part.inputs.read(int(row))) for row in rows]


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


def preparer_of(backbone: Backbone) -> Any:
    """From an input's bytes to what the network takes."""
    from headstart.features.networks import Network

    return Network(backbone.card, None).with_backbone(backbone).preparer


def searched(bench: Workbench, max_drop: float, students: Students) -> tuple[Made, list[Made]]:
    """The model as it is on the target, and all ways that were measured.

    First sizes and depths: one pass for each size gives the averaged output of every stage, and a head is solved on
    each. Those that lose not much more than is allowed are exported and timed; faster ones that lose more are taught;
    the best of all are quantised too.

    Args:
        bench: What is searched with.
        max_drop: Points that may be lost.
        students: Teaches what is worth it, as ``compressing_students.students`` does.
    """
    base = _as_it_is(bench)
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
        made = None if bench.is_late else _quantized(bench, base, by_name[point.name])
        if made is not None:
            found.append(made)
    return base, found


def _as_it_is(bench: Workbench) -> Made:
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
        for stage, features in _by_stage(bench, at_size).items():
            knobs = Knobs(size, stage)
            if knobs == Knobs() or bench.is_late:
                continue
            score, difference = bench.bench.compared(bench.bench.glanced(features, strength))
            lost = -_unit(bench, score) * float(difference["value"] or 0.0)
            bench.looked[knobs] = lost
            logger.info("%s: %.4f, %.2f points lost", knobs.name(bench.modality), score, lost)
            if lost <= max_drop + NEAR:
                kept.append((knobs, smaller(bench.backbone, knobs)))
    return kept


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


def measured(bench: Workbench, base: Made, knobs: Knobs, backbone: Backbone, graph: Path | None = None) -> Made:
    """Exported, its head solved on what the graph itself gives, and timed beside the model as it is."""
    from headstart.runtimes.onnx_graph import export

    if graph is None:
        graph = export(backbone, 0, len(backbone.stages), cache_folder())
    precision = "int8" if knobs.is_int8 else bench.target.precision
    features = bench.features(backbone, graph, precision, bench.dataset)
    judging = bench.bench.of(is_student=knobs.is_student)
    solution = judging.solved(features)
    score, difference = judging.compared(solution.out_of_fold)
    took = timed(bench, {"base": (base.backbone, base.graph, base.precision), "this": (backbone, graph, precision)})
    # what else the machine does meets both alike: the ratio holds, and the base's time is its first
    alone, batch = (
        was * this / there
        for was, this, there in zip((base.point.alone, base.point.batch), took["this"], took["base"], strict=True)
    )
    point = Point(
        knobs.name(bench.modality), knobs, score, difference, alone, batch, base.point.unit,
        graph.stat().st_size, bench.target.name, precision, len(judging.rows),
    )  # fmt: skip
    return Made(knobs, backbone, graph, precision, solution, point)


def _quantized(bench: Workbench, base: Made, made: Made) -> Made | None:
    """The same in 8 bits; None where that cannot be had, which is written down."""
    from headstart.compression.quantizing import quantized
    from headstart.core.files import write_bytes

    knobs = replace(made.knobs, is_int8=True)
    try:
        batches = [np.stack(group) for group in _alike(bench.prepared(made.backbone, CALIBRATION))]
        content = quantized(made.graph, batches)
        graph = cache_folder() / "graphs" / f"int8-{hashlib.sha256(content).hexdigest()[:32]}.onnx"
        write_bytes(graph, content)
        return measured(bench, base, knobs, made.backbone, graph)
    except (BackendError, ConfigError, MissingExtraError) as error:
        bench.skipped[knobs.name(bench.modality)] = str(error)
        logger.info("%s: %s", knobs.name(bench.modality), error)
        return None


def timed(bench: Workbench, ways: dict[str, tuple[Backbone, Path, str]]) -> dict[str, tuple[float, float]]:
    """Milliseconds an input, one at a time and BATCH at once, measured in turns on the run's own inputs."""
    runs: dict[str, Any] = {}
    for name, (backbone, graph, precision) in ways.items():
        dtype, inputs = str(backbone.example(1).dtype), bench.prepared(backbone, TIMED)
        together = [np.stack(group) for group in _alike(inputs)]
        sizes = sorted({1, *(len(group) for group in together)})
        compute = bench.target.stepped(graph, sizes, dtype, precision)
        runs[f"{name}/alone"] = (compute, [each[None] for each in inputs[:8]])
        runs[f"{name}/batch"] = (compute, together)
    found = milliseconds(runs)
    return {name: (found[f"{name}/alone"], found[f"{name}/batch"]) for name in ways}


def _alike(inputs: Sequence[NDArray[Any]]) -> list[list[NDArray[Any]]]:
    """Inputs of one shape together."""
    groups: dict[tuple[int, ...], list[NDArray[Any]]] = {}
    for each in inputs:
        groups.setdefault(each.shape, []).append(each)
    return list(groups.values())


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
