"""What ships of a compression: its head made ready, its bundle, its evidence and its page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core.run_folder import RunFolder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.api.compressed_head import Ready
    from headstart.api.compressing_bench import Made, Workbench
    from headstart.api.two_domains import SourceRows
    from headstart.bundle import Bundle
    from headstart.compression.judging import Bench
    from headstart.core.learning import Floats

SEED = 0
PARITY_EXAMPLES = 32


@dataclass(frozen=True)
class Tested:
    """What a model says of t test examples.

    Attributes:
        outputs: ``(t, W)``, calibrated.
        strange: ``(t,)`` shares of held-out examples as strange; None where nobody looks at features.
    """

    outputs: Floats
    strange: Floats | None


def bench_for(shipped: Bundle, source: SourceRows) -> Bench:
    """On which every point of a run is judged."""
    from headstart.compression.judging import PROBE, bench_of

    method = PROBE if shipped.manifest.method.get("trained") else str(shipped.manifest.method["method"])
    return bench_of(shipped.task(), source.targets, source.folds, source.held_out, method, SEED)


def readied(work: Workbench, source: SourceRows, made: Made) -> tuple[Ready, NDArray[np.float32], Tested]:
    """The head of what ships, features ``(n, D)`` of the run's rows, and what it says of the test."""
    from headstart.api.compressed_head import made_ready

    features = work.features(made.backbone, made.graph, made.precision, source.dataset)
    bench = work.bench.of(is_student=made.knobs.is_student)
    ready = made_ready(bench, made.solution, features, source.groups, source.dataset.table)
    test = work.features(made.backbone, made.graph, made.precision, source.test)
    outputs = ready.postprocessing.outputs(work.bench.outputs(ready.fitted, test), work.bench.targets.kind)
    return ready, features, Tested(outputs, ready.postprocessing.domain_p(test))


def write_chosen(
    place: Path, shipped: Bundle, work: Workbench, made: Made, ready: Any, features: Any, evidence: dict[str, Any]
) -> None:
    """The bundle with the smaller network, evidence.json and its page."""
    from headstart import bundle
    from headstart.bundle.manifest import RuntimeRecord
    from headstart.bundle.sources import WrittenNetwork
    from headstart.features.networks import Network

    schema = shipped.schema
    some = np.arange(min(PARITY_EXAMPLES, len(work.dataset)))
    from headstart.api.compressing_bench import BATCH, preparer_of

    preparer, inputs = preparer_of(made.backbone), work.dataset.parts[work.part].inputs
    prepared = [preparer.prepare(inputs.read(int(row))) for row in some]
    choice = RuntimeRecord(
        name=work.target.name, precision=made.precision, batch_size=BATCH, threads=work.target.threads
    )
    backbone = Network(made.backbone.card, None).with_backbone(made.backbone).shipped
    written = bundle.write(
        RunFolder(place).bundle,
        sources=[WrittenNetwork(schema.parts[work.part], backbone, choice, made.graph, prepared)],
        fitted=ready.fitted,
        task_dict=ready.task.to_dict(),
        input_schema=schema,
        evidence=evidence,
        features=features[some],
        postprocessing=ready.postprocessing,
    )
    evidence |= written.evidence()
    write_told(place, evidence)


def write_told(place: Path, evidence: dict[str, Any]) -> None:
    """evidence.json and its page."""
    from headstart.reports.compression_page import render_compression

    RunFolder(place).write_evidence(evidence)
    render_compression(RunFolder(place).report, evidence)
