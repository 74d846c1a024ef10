"""Run a few training examples through what a bundle may be run with, and compare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.bundle.assembling import stored_fitted
from headstart.bundle.graph_runners import run_in_onnxruntime
from headstart.bundle.heads import load_head
from headstart.bundle.manifest import Manifest, NetworkRecord
from headstart.bundle.parity import FLOAT32, Side, check
from headstart.bundle.runners import NUMPY, REFERENCE, prepare_runner
from headstart.bundle.sources import Written, WrittenFitted, WrittenNetwork
from headstart.bundle.torch_backbone import run_all_stages
from headstart.core.errors import MissingExtraError
from headstart.core.learning import Fitted, TargetKind
from headstart.core.pairs import Matrix, Stretch, combined
from headstart.runtimes.contract import Array, Compute, runtime

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone

ROWS = 32  # examples: rounding varies little beyond these
EAGER_ROWS = 8  # where onnxruntime stands between: float32 sides differ by a graph or not at all, and eager is slow
ONNXRUNTIME = "onnxruntime"
NO_EXAMPLES = "no examples were given"

Computes = Callable[[NetworkRecord, "Backbone", int], Compute]  # of a network's record, module and number of rows


@dataclass(frozen=True)
class Sample:
    """The sources with their few examples, and where their files were just written."""

    folder: Path
    manifest: Manifest
    sources: Sequence[Written]

    @property
    def count(self) -> int:
        """Examples that every source holds, at most ROWS."""
        counts = [_count(source) for source in self.sources]
        return min([ROWS, *counts])

    def features(self, computes: Computes, count: int) -> Matrix:
        """Joined features of the first ``count`` examples, each network run by what ``computes`` makes of it.

        Fitted backbones are read back from the file, so that what was written is what is compared.
        """
        stretches: list[Stretch] = []
        for source, record in zip(self.sources, self.manifest.sources, strict=True):
            if isinstance(source, WrittenNetwork):
                compute = computes(self.manifest.networks[record.name], source.backbone, count)
                stretches.append((record.part, by_shape(compute, source.prepared[:count])))
            else:
                fitted = stored_fitted(self.folder, self.manifest.fitted[record.name])
                stretches.append((record.part, fitted.transform(_first(source.raw, count))))
        return combined(stretches, self.manifest.input)


def measure_parity(sample: Sample, fitted: Fitted, features: Any | None, kind: TargetKind) -> dict[str, Any]:
    """Compare the fit's runtimes with ONNX Runtime on the written graphs, and that with eager torch.

    Without a network, what the fit computed is compared with what the written arrays give.

    Args:
        sample: What was written, and examples.
        fitted: The head.
        features: ``(n, D)`` of the examples, as the fit computed them; None runs its runtimes again.
        kind: Of the targets.

    Returns:
        The manifest's ``parity``.

    Raises:
        BackendError: two of them disagree.
    """
    networks = sample.manifest.networks
    name = "+".join(dict.fromkeys(network.runtime.name for network in networks.values())) or NUMPY
    reduced = [each.runtime.precision for each in networks.values() if each.runtime.precision != FLOAT32]
    precision = reduced[0] if reduced else FLOAT32
    count = sample.count if features is None else min(sample.count, features.shape[0])
    if count == 0:
        return check([Side(name, precision, None, NO_EXAMPLES)], kind)
    head = load_head(fitted)
    if features is None:
        features = sample.features(lambda record, _, __: _of_the_fit(sample.folder, record), count)
    sides = [Side(name, precision, head(features[:count]))]
    if not networks:
        sides.append(Side(f"{NUMPY}, read back", FLOAT32, head(sample.features(_never, count))))
        return check(sides, kind)
    try:
        in_graph = sample.features(lambda record, _, __: _of_the_graph(sample.folder, record), count)
        sides.append(Side(ONNXRUNTIME, FLOAT32, head(in_graph)))
    except MissingExtraError as error:
        sides.append(Side(ONNXRUNTIME, FLOAT32, None, str(error)))
    if name != REFERENCE:
        few = count if sides[-1].outputs is None else min(count, EAGER_ROWS)
        sides.append(Side(REFERENCE, FLOAT32, head(sample.features(_eager, few))))
    return check(sides, kind)


def by_shape(compute: Compute, inputs: Sequence[Array]) -> NDArray[np.float32]:
    """Features ``(n, D)`` of prepared inputs of any shapes: those of one shape are computed together."""
    shapes: dict[tuple[int, ...], list[int]] = {}
    for row, values in enumerate(inputs):
        shapes.setdefault(values.shape, []).append(row)
    outputs: list[Any] = [None] * len(inputs)
    for rows in shapes.values():
        for row, features in zip(rows, compute(np.stack([inputs[row] for row in rows])), strict=True):
            outputs[row] = features
    return np.stack(outputs)


def _of_the_fit(folder: Path, record: NetworkRecord) -> Compute:
    return prepare_runner(folder, record, record.runtime.name, record.runtime.threads).compute


def _of_the_graph(folder: Path, record: NetworkRecord) -> Compute:
    return run_in_onnxruntime(folder / record.graph, record, "float32", record.runtime.threads)


def _eager(record: NetworkRecord, backbone: Backbone, count: int) -> Compute:
    return run_all_stages(runtime(REFERENCE, FLOAT32), backbone, count, record.runtime.threads)


def _never(record: NetworkRecord, backbone: Backbone, count: int) -> Compute:
    raise AssertionError("there is no network")


def _count(source: Written) -> int:
    if isinstance(source, WrittenFitted):
        return 0 if source.raw is None else _length(source.raw)
    return len(source.prepared)


def _length(raw: Any) -> int:
    return int(raw.shape[0]) if hasattr(raw, "shape") else len(raw)


def _first(raw: Any, count: int) -> Any:
    return raw.take(np.arange(count)) if hasattr(raw, "columns") else raw[:count]
