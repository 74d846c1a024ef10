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
    from headstart.api.compressing_counted import Counted
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


def readied(work: Workbench, source: SourceRows, made: Made | Counted) -> tuple[Ready, NDArray[np.float32], Tested]:
    """The head of what ships, features ``(n, D)`` of the run's rows, and what it says of the test."""
    from headstart.api.compressed_head import made_ready
    from headstart.bundle.heads import load_head

    features = made.features(work, source.dataset)
    bench = work.bench.of(is_student=made.knobs.is_student)
    ready = made_ready(bench, made.solution, features, source.groups, source.dataset.table)
    test = made.features(work, source.test)
    outputs = ready.postprocessing.outputs(load_head(ready.fitted)(test), work.bench.targets.kind)
    return ready, features, Tested(outputs, ready.postprocessing.domain_p(test))


def write_chosen(
    place: Path,
    shipped: Bundle,
    work: Workbench,
    made: Made | Counted,
    ready: Any,
    features: Any,
    evidence: dict[str, Any],
) -> None:
    """The bundle with what is smaller, evidence.json and its page."""
    from headstart import bundle

    schema, some = shipped.schema, np.arange(min(PARITY_EXAMPLES, len(work.dataset)))
    written = bundle.write(
        RunFolder(place).bundle,
        sources=[made.written(work, schema.parts[work.part], work.dataset.take(some))],
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
