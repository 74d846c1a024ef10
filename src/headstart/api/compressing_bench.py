"""A way to turn a network down, measured: features of the rows, heads held out, time on the target."""

from __future__ import annotations

import copy
import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.api.own_vocabulary import OwnVocabulary, without_own_words
from headstart.compression.knobs import Knobs
from headstart.compression.points import Point
from headstart.compression.smaller import smaller
from headstart.core.errors import BackendError, ConfigError, MissingExtraError
from headstart.core.files import sha256_file
from headstart.core.learning import Solution
from headstart.engine.remembering import Memory as PreparedInputs
from headstart.engine.remembering import Remembering
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
        narrow: Networks that were pruned, by knobs.
        taught: How students learned, by name.
        skipped: Why ways were not tried, by name.
        memory: What networks take on the target, by name, as far as it was measured.
        notes: What people should know of the search.
        vocabulary: To which the network's may be trimmed; None: it may not.
        inputs: That were prepared already.
        runs: The model as it is, ready to be timed.
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
    narrow: dict[Knobs, Backbone] = field(default_factory=dict)
    taught: dict[str, dict[str, Any]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    memory: dict[str, Memory] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    vocabulary: OwnVocabulary | None = None
    inputs: PreparedInputs = field(default_factory=PreparedInputs)
    runs: dict[str, Any] = field(default_factory=dict)

    @property
    def modality(self) -> str:
        """Of the network."""
        return str(self.backbone.modality)

    def network(self, knobs: Knobs) -> Backbone:
        """Turned down, not taught, free to be changed; raises ConfigError where it cannot be had so."""
        narrow = self.narrow.get(replace(knobs, is_student=False))
        return smaller(self.backbone, knobs) if narrow is None else copy.deepcopy(narrow)

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

    def preparer(self, backbone: Backbone) -> Remembering:
        """From an input's bytes to what a network takes, each once for all networks that take it alike."""
        return Remembering(preparer_of(backbone), self.inputs)

    def features(self, backbone: Backbone, graph: Path, precision: str, dataset: Dataset) -> NDArray[np.float32]:
        """``(n, D)`` as the graph gives them on the target, kept."""
        from headstart.engine.activations.address import Space
        from headstart.engine.feature_pass import Extraction, run_pass

        preparer = self.preparer(backbone)
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
        part, preparer = self.dataset.parts[self.part], self.preparer(backbone)
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
