"""A way to turn a network down, measured: features of the rows, heads held out, time on the target."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.api.own_vocabulary import OwnVocabulary, without_own_words
from headstart.compression.knobs import Knobs
from headstart.compression.points import Point
from headstart.compression.timing import milliseconds
from headstart.core.errors import BackendError, ConfigError, MissingExtraError
from headstart.core.files import sha256_file
from headstart.core.learning import Solution
from headstart.core.resources import cache_folder
from headstart.methods.stratified_order import strata_of, stratified_order

if TYPE_CHECKING:
    from headstart.api.compressing_schooling import Schooling
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.bundle.sources import Written
    from headstart.compression.judging import Bench
    from headstart.compression.memory import Memory
    from headstart.compression.running import Target
    from headstart.core.progress import Progress
    from headstart.core.schema import PartSchema
    from headstart.data.dataset import Dataset
    from headstart.engine.activations.store import Store

logger = logging.getLogger(__name__)
BATCH = 32
TIMED = 32  # inputs that are timed


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

    @property
    def strength(self) -> float | None:
        """Penalty per feature of its head; None where it has no such number."""
        found = self.solution.report.get("penalty")
        return float(found) / self.backbone.feature_dim if isinstance(found, int | float) else None

    def features(self, work: Workbench, dataset: Dataset) -> NDArray[np.float32]:
        """``(n, D)`` of examples."""
        return work.features(self.backbone, self.graph, self.precision, dataset)

    def written(self, work: Workbench, part: PartSchema, some: Dataset) -> Written:
        """What a bundle holds of it, with some examples for the comparison of runtimes."""
        from headstart.bundle.manifest import RuntimeRecord
        from headstart.bundle.sources import WrittenNetwork
        from headstart.features.networks import Network

        target, preparer, inputs = work.target, preparer_of(self.backbone), some.parts[work.part].inputs
        choice = RuntimeRecord(name=target.name, precision=self.precision, batch_size=BATCH, threads=target.threads)
        backbone = Network(self.backbone.card, None).with_backbone(self.backbone).shipped
        prepared = [preparer.prepare(inputs.read(row)) for row in range(len(some))]
        return WrittenNetwork(part, backbone, choice, self.graph, prepared)

    def keep(self, place: Path) -> Path:
        """Write it beside the evidence, to be picked later; ``place`` has no suffix."""
        return Path(shutil.copyfile(self.graph, place.with_suffix(".onnx")))


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
        by: Which times must fall: "latency", "throughput" or "both".
        is_part: Whether ``dataset`` is some of the run's rows: its heads are compared with one solved on as few.
        schooling: Of students; None: none are tried.
        looked: Points that ways in float lose at a first look, by knobs.
        taught: How students learned, by name.
        skipped: Why ways were not tried, by name.
        memory: What networks take on the target, by name, as far as it was measured.
        notes: What people should know of the search.
        vocabulary: To which the network's may be trimmed; None: it may not.
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
    by: str = "both"
    is_part: bool = False
    schooling: Schooling | None = None
    looked: dict[Knobs, float] = field(default_factory=dict)
    taught: dict[str, dict[str, Any]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    memory: dict[str, Memory] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    vocabulary: OwnVocabulary | None = None

    @property
    def modality(self) -> str:
        """Of the network."""
        return str(self.backbone.modality)

    @property
    def is_late(self) -> bool:
        """Whether time is up."""
        return self.deadline is not None and time.monotonic() > self.deadline

    @contextmanager
    def skipping(self, knobs: Knobs) -> Iterator[None]:
        """What cannot be had of a way is written down, and the search goes on: a runtime may lack an operator."""
        name = knobs.name(self.modality)
        try:
            yield
        except (BackendError, ConfigError, MissingExtraError) as error:
            self.skipped[name] = str(error)
            logger.info("%s: %s", name, error)

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

    def solution(self, knobs: Knobs, backbone: Backbone, graph: Path, precision: str) -> Solution:
        """Heads on what a graph gives of the rows, judged as if none of these had been known."""
        features, bench = (
            self.features(backbone, graph, precision, self.dataset),
            self.bench.of(is_student=knobs.is_student),
        )
        found = bench.solved(features)
        return self.unknowing(knobs, backbone, graph, precision, features, found) if knobs.is_trimmed else found

    def unknowing(
        self,
        knobs: Knobs,
        backbone: Backbone,
        graph: Path,
        precision: str,
        features: NDArray[np.float32],
        solution: Solution,
    ) -> Solution:
        """The same heads, judged on held-out texts whose own words a trimmed vocabulary does not know."""
        assert self.vocabulary is not None, "the network was trimmed to it"  # noqa: S101
        return without_own_words(
            self.vocabulary, self.bench.of(is_student=knobs.is_student), backbone, self.dataset, self.part,
            lambda reader, some: self.features(reader, graph, precision, some), features, solution,
        )  # fmt: skip

    def prepared(self, backbone: Backbone, count: int, seed: int = 0) -> list[NDArray[Any]]:
        """So many inputs of the run as a network takes them, those of :meth:`drawn`."""
        part, preparer = self.dataset.parts[self.part], preparer_of(backbone)
        return [preparer.prepare(part.inputs.read(int(row))) for row in self.drawn(count, seed)]

    def drawn(self, count: int, seed: int = 0) -> NDArray[np.int64]:
        """So many rows, at random, each class with its share."""
        rank = np.random.default_rng(seed).permutation(len(self.dataset))
        return np.asarray(stratified_order(strata_of(self.bench.targets), rank)[:count], np.int64)


def preparer_of(backbone: Backbone) -> Any:
    """From an input's bytes to what the network takes."""
    from headstart.features.networks import Network

    return Network(backbone.card, None).with_backbone(backbone).preparer


def unit_of(bench: Workbench, score: float) -> float:
    """Points of a unit of the primary metric."""
    return 100.0 / max(abs(score), 1e-12) if bench.bench.targets.kind == "real" else 100.0


def measured(
    bench: Workbench,
    base: Made,
    knobs: Knobs,
    backbone: Backbone,
    graph: Path | None = None,
    solution: Solution | None = None,
) -> Made:
    """Exported, its head solved on what the graph itself gives, and timed beside the model as it is.

    Args:
        bench: That measures.
        base: The model as it is.
        knobs: What was turned.
        backbone: The network.
        graph: Of it, where there is one.
        solution: On what the graph gives, where it is known.
    """
    from headstart.runtimes.onnx_graph import export

    if graph is None:
        graph = export(backbone, 0, len(backbone.stages), cache_folder())
    precision = "int8" if knobs.is_int8 else bench.target.precision
    solution = solution or bench.solution(knobs, backbone, graph, precision)
    judging = bench.bench.of(is_student=knobs.is_student)
    score, difference = judging.compared(solution.out_of_fold)
    took = timed(bench, {"base": (base.backbone, base.graph, base.precision), "this": (backbone, graph, precision)})
    alone, batch = beside(base.point, took["base"], took["this"])
    point = Point(
        knobs.name(bench.modality), knobs, score, difference, alone, batch, base.point.unit,
        graph.stat().st_size, bench.target.name, precision, len(judging.rows),
    )  # fmt: skip
    return Made(knobs, backbone, graph, precision, solution, point)


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
        dtype, inputs = str(backbone.example(1).dtype), bench.prepared(backbone, TIMED)
        together = [np.stack(group) for group in alike(inputs)]
        sizes = sorted({1, *(len(group) for group in together)})
        compute = bench.target.stepped(graph, sizes, dtype, precision)
        runs[f"{name}/alone"] = (compute, [each[None] for each in inputs[:8]])
        runs[f"{name}/batch"] = (compute, together)
    found = milliseconds(runs)
    return {name: (found[f"{name}/alone"], found[f"{name}/batch"]) for name in (*ways, *(others or ()))}


def alike(inputs: Sequence[NDArray[Any]]) -> list[list[NDArray[Any]]]:
    """Inputs of one shape together."""
    groups: dict[tuple[int, ...], list[NDArray[Any]]] = {}
    for each in inputs:
        groups.setdefault(each.shape, []).append(each)
    return list(groups.values())
