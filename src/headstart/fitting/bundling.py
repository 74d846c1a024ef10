"""The candidate that ships, handed to the bundle: its networks, fitted backbones, and a few examples to compare on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.features.sources import FittedSource, PretrainedSource, Source
from headstart.fitting.kept_examples import kept_examples

if TYPE_CHECKING:
    from headstart.bundle import Bundle
    from headstart.bundle.sources import Written
    from headstart.data.dataset import Dataset
    from headstart.fitting.outcome import Outcome

PARITY_EXAMPLES = 32


def write_bundle(folder: Path, outcome: Outcome, evidence: dict[str, Any]) -> Bundle:
    """Write ``folder`` as a whole; raises what :func:`headstart.bundle.write` raises."""
    from headstart import bundle

    train = outcome.learning.train
    some = train.take(np.arange(min(PARITY_EXAMPLES, len(train))))
    sources: list[Written] = []
    for source in outcome.candidate.sources:
        sources += _written(source, outcome, some)
    return bundle.write(
        folder,
        sources=sources,
        fitted=outcome.chosen.solution.fitted,
        task_dict=outcome.chosen.task.to_dict(),
        input_schema=train.schema,
        evidence=evidence,
        features=outcome.features(some),
        postprocessing=outcome.answers.postprocessing,
        examples=kept_examples(outcome) if outcome.work.job.request.include_examples else None,
    )


def _written(source: Source, outcome: Outcome, some: Dataset) -> list[Written]:
    if isinstance(source, PretrainedSource):
        return _network(source, outcome, some)
    assert isinstance(source, FittedSource)  # noqa: S101 - there are two kinds of sources
    return [_fitted(source, outcome, some)]


def _network(source: PretrainedSource, outcome: Outcome, some: Dataset) -> list[Written]:
    """The network once for each part that it sees, in their order."""
    from headstart.bundle.sources import WrittenNetwork
    from headstart.runtimes.onnx_graph import export

    network, backbone = source.network, source.network.shipped
    graph = export(backbone, 0, len(backbone.stages), outcome.work.workshop.cache)
    runtime = outcome.learning.features.lanes[network.card.modality].runtime
    found: list[Written] = []
    for number in source.numbers:
        part = some.parts[number]
        prepared = [network.preparer.prepare(part.inputs.read(row)) for row in range(len(part))]
        found.append(WrittenNetwork(part.schema, backbone, runtime, graph, prepared))
    return found


def _fitted(source: FittedSource, outcome: Outcome, some: Dataset) -> Written:
    from headstart.bundle.sources import WrittenFitted

    part = None if source.part is None else some.parts[source.part]
    takes_prepared = part is not None and source.code.takes == "prepared"
    return WrittenFitted(
        name=source.name,
        arrays=source.arrays,
        raw=source.raw(some),
        settings=source.code.config.model_dump(mode="json"),
        version=str(source.code.version),
        part=None if part is None else part.schema,
        preprocessing=outcome.work.networks[part.modality].card.preprocessing if part and takes_prepared else None,
    )
