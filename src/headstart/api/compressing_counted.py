"""Counted words and characters in place of a network of texts: taught, measured, written, kept."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.api.compressing_bench import BATCH
from headstart.api.compressing_measuring import TIMED, beside, timed
from headstart.compression.counted import solved
from headstart.compression.knobs import Knobs
from headstart.compression.points import Point
from headstart.core.errors import MissingExtraError
from headstart.core.learning import Fitted, Solution
from headstart.features.descriptors import build_fitted
from headstart.features.sources import FittedSource

if TYPE_CHECKING:
    from headstart.api.compressing_bench import Made, Workbench
    from headstart.api.two_domains import SourceRows
    from headstart.bundle import Bundle, Predictor
    from headstart.bundle.sources import Written
    from headstart.core.learning import Floats
    from headstart.core.schema import PartSchema
    from headstart.data.dataset import Dataset

NAME = "tfidf"
KNOBS = Knobs(is_counted=True)
HEAD, VOCABULARY, HELD_OUT = "head.", "fitted.", "out_of_fold"  # in the file that is kept
SUFFIX = ".safetensors"
LEAST_SPREAD, TOLERANCE = 0.1, 1e-4  # of the teachers' heads; nats per row


@dataclass
class Counted:
    """What stands beside :class:`headstart.api.compressing_bench.Made`.

    Attributes:
        source: Of the features.
        solution: Head on them.
        point: Its figures.
    """

    source: FittedSource
    solution: Solution
    point: Point

    @property
    def knobs(self) -> Knobs:
        """That say so."""
        return self.point.knobs

    def features(self, work: Workbench, dataset: Dataset) -> Any:
        """``(n, V)`` in CSR."""
        return self.source.stretches(dataset)[0][1]

    def written(self, work: Workbench, part: PartSchema, some: Dataset) -> Written:
        """What a bundle holds of it."""
        from headstart.bundle.sources import WrittenFitted

        code = self.source.code
        settings = code.config.model_dump(mode="json")
        return WrittenFitted(NAME, self.source.arrays, self.source.raw(some), settings, str(code.version), part)

    def keep(self, place: Path) -> Path:
        """All that a pick needs, so that nothing is taught again."""
        from safetensors.numpy import save

        from headstart.core.files import write_bytes

        arrays = {HELD_OUT: self.solution.out_of_fold}
        arrays |= {VOCABULARY + name: array for name, array in self.source.arrays.items()}
        arrays |= {HEAD + name: array for name, array in self.solution.fitted.arrays.items()}
        write_bytes(
            place.with_suffix(SUFFIX), save({name: np.ascontiguousarray(each) for name, each in arrays.items()})
        )
        return place.with_suffix(SUFFIX)


def kept_counted(file: Path, part: int, point: Point) -> Counted:
    """As :meth:`Counted.keep` wrote it."""
    from safetensors.numpy import load_file

    arrays = load_file(file)
    vocabulary, head = (
        {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
        for prefix in (VOCABULARY, HEAD)
    )
    solution = Solution(Fitted(head, {"method": "sparse_linear", "form": "linear"}), arrays[HELD_OUT])
    return Counted(FittedSource(NAME, build_fitted(NAME), part, vocabulary), solution, point)


def counted(whole: Workbench, base: Made, shipped: Bundle, predictor: Predictor, source: SourceRows) -> list[Counted]:
    """Counted words, taught and measured on all rows; nothing where no students are wanted or targets are no classes.

    Args:
        whole: With all rows and the schooling of students.
        base: The model as it is, on the target.
        shipped: The same as it was fitted.
        predictor: Of it: it gives the teachers' features of further texts.
        source: The run's examples.
    """
    schooling, name = whole.schooling, KNOBS.name(whole.modality)
    if schooling is None or not schooling.words or whole.modality != "text" or whole.bench.targets.kind != "class":
        return []
    if whole.is_late:
        whole.skipped[name] = "the time that was left was too short to teach it"
        return []
    whole.progress.step(f"teach {name}", 0)
    began = time.perf_counter()
    code = build_fitted(NAME)
    texts = FittedSource(NAME, code, whole.part).raw(whole.dataset)
    further = [] if schooling.further is None else FittedSource(NAME, code, whole.part).raw(schooling.further)
    own = FittedSource(NAME, code, whole.part, code.fit([*texts, *further]))
    features = code.transform(own.arrays, [*texts, *further])
    try:
        says = _teachers(whole, base, shipped, predictor, source)
        solution = solved(features, whole.bench.targets, whole.bench.folds, says, whole.bench.seed)
    except MissingExtraError as error:
        whole.skipped[name] = str(error)
        return []
    whole.taught[name] = {
        "n": len(texts) + len(further), "labelled": len(texts), "seconds": round(time.perf_counter() - began, 3)
    }  # fmt: skip
    return [Counted(own, solution, _point(whole, base, own, solution))]


def _teachers(whole: Workbench, base: Made, shipped: Bundle, predictor: Predictor, source: SourceRows) -> Floats:
    """``(1 + F, n + m, W)`` probabilities by heads of all rows and of each fold's training part."""
    from headstart.api.two_domains import features_of
    from headstart.core.resources import one_blas_thread
    from headstart.evaluation.softmax import softmax
    from headstart.methods.fixed_penalty import solve_at_penalty
    from headstart.methods.probe_config import LinearProbeConfig
    from headstart.methods.threads import torch_threads
    from headstart.methods.training_parts import training_parts

    bench, features, further = whole.bench, source.features, whole.schooling.further if whole.schooling else None
    training = training_parts(bench.folds, np.ones(len(bench.targets)))[1]
    penalty = (base.strength or LinearProbeConfig().fallback) * features.shape[1]
    with one_blas_thread(), torch_threads(1):
        weight, bias = solve_at_penalty(
            features, bench.targets, training, penalty, LEAST_SPREAD, TOLERANCE, only_seen=True
        )
    if further is not None:
        rows, more = features_of(shipped, predictor, further, whole.threads, whole.progress)
        assert len(rows) == len(further), "what could be read before can be read again"  # noqa: S101
        features = np.concatenate([features, more])
    return np.stack([softmax(features @ one.T + shift) for one, shift in zip(weight, bias, strict=True)])


def _point(whole: Workbench, base: Made, own: FittedSource, solution: Solution) -> Point:
    """Judged out of fold; timed from the text to the answer, where networks are timed alone."""
    score, difference = whole.bench.compared(solution.out_of_fold)
    texts = own.raw(whole.dataset.take(np.random.default_rng(0).permutation(len(whole.dataset))[:TIMED]))
    inputs = np.array(texts, dtype=object)

    def answer(some: Any) -> Floats:
        from headstart.methods.linear import linear_outputs

        return linear_outputs(solution.fitted, own.code.transform(own.arrays, some))

    others = {"this": (answer, [inputs[row : row + 1] for row in range(len(inputs))], [inputs[:BATCH]])}
    took = timed(whole, {"base": (base.backbone, base.graph, base.precision)}, others)
    alone, batch = beside(base.point, took["base"], took["this"])
    size = sum(each.nbytes for arrays in (own.arrays, solution.fitted.arrays) for each in arrays.values())
    return Point(
        KNOBS.name(whole.modality), KNOBS, score, difference, alone, batch, base.point.unit, size, "numpy", "float32",
        len(whole.bench.rows),
    )  # fmt: skip
