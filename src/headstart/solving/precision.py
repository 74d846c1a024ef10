"""Whether the chosen candidate says the same in reduced precision as in float32; asked before anything is final."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from headstart.bundle.parity import REDUCED_MEAN, Side, check
from headstart.core.errors import BackendError
from headstart.core.pairs import Stretch, combined
from headstart.features.sources import PretrainedSource, Source, joined

if TYPE_CHECKING:
    from headstart.data.dataset import Dataset
    from headstart.evidence.contender import Contender
    from headstart.features.network_in_pass import Workshop
    from headstart.runtimes.choice import RuntimeChoice
    from headstart.solving.candidates import Candidate
    from headstart.solving.solve import Learning

EXAMPLES = 8  # of the training part: 0.1 s in eager float32


def refusal(learning: Learning, workshop: Workshop, candidate: Candidate, contender: Contender) -> str | None:
    """Why the runtimes' precision cannot be used for this candidate; None when it can.

    The cosine of features was checked when a runtime was chosen; a steep head can still turn a small difference of
    features into another answer, which only the head can tell.
    """
    reduced = [lane.runtime for lane in learning.features.lanes.values() if lane.runtime.precision != "float32"]
    if not reduced or not any(isinstance(source, PretrainedSource) for source in candidate.sources):
        return None
    rows = np.linspace(0, len(learning.train) - 1, min(EXAMPLES, len(learning.train))).astype(np.int64)
    some = learning.train.take(rows)
    kept = joined(candidate.sources, some)
    exact = combined([one for source in candidate.sources for one in _exact(source, some, workshop)], some.schema)
    sides = [
        Side(name, precision, candidate.method.predict(contender.solution.fitted, features))
        for name, precision, features in (
            (reduced[0].name, reduced[0].precision, kept),
            ("eager", "float32", exact),
        )
    ]
    try:
        check(sides, learning.targets.kind)
    except BackendError as error:
        return str(error)
    return None


def _exact(source: Source, examples: Dataset, workshop: Workshop) -> list[Stretch]:
    """In eager float32, one input at a time, since lengths may differ."""
    if not isinstance(source, PretrainedSource):
        return source.stretches(examples)
    from headstart.runtimes.choice import settled

    network = source.network
    eager = settled("eager", "float32", workshop.threads, 1)
    run = eager.prepare(network.backbone, 0, len(network.card.stages), workshop.cache)

    def lookup(examples: Dataset, number: int) -> NDArray[np.float32]:
        inputs = examples.parts[number].inputs
        prepared = [network.preparer.prepare(inputs.read(row)) for row in range(len(inputs))]
        return np.concatenate([run(np.array(each[None])) for each in prepared])

    return source.stretches(examples, lookup)


def in_float32(choice: RuntimeChoice) -> RuntimeChoice:
    """The same runtime in float32 where it offers that, else eager."""
    from headstart.runtimes.choice import settled
    from headstart.runtimes.contract import precisions

    name = choice.name if "float32" in precisions(choice.name) else "eager"
    reason = f"{choice.precision} moves the head's probabilities by more than {REDUCED_MEAN} on average"
    return settled(name, "float32", choice.threads, choice.batch_size, reason)
