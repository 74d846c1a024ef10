"""What the monitor of a model that ships will hold its inputs and answers against."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats, Targets
from headstart.core.resources import one_blas_thread
from headstart.core.seeding import generator
from headstart.features.sources import FittedSource, PretrainedSource
from headstart.monitoring.learned import HeldOutRows, learned_reference
from headstart.monitoring.quality import part_facts, part_names
from headstart.postprocessing.postprocessing import Postprocessing

if TYPE_CHECKING:
    from headstart.core.learning import Task
    from headstart.postprocessing.choosing import Postprocessed
    from headstart.solving.candidates import Candidate
    from headstart.solving.work import Solved, Work


def with_reference(
    work: Work,
    solved: Solved,
    candidate: Candidate,
    task: Task,
    targets: Targets | None,
    features: NDArray[Any] | None,
    found: Postprocessed,
) -> Postprocessed:
    """With the reference among the arrays of the postprocessing.

    Args:
        work: For the networks, which say how inputs are prepared.
        solved: For the training part and what was left out of it.
        candidate: That ships.
        task: Settled.
        targets: Of the held-out rows whose calibrated outputs are in ``found``; None where there are none.
        features: ``(r, D)`` of rows that gave the features nothing; None where features are not looked at.
        found: What was chosen.
    """
    learning, reading = solved.learning, solved.reading
    held = HeldOutRows(
        task=task,
        outputs=None if targets is None else found.outputs,
        targets=learning.targets.take(np.zeros(0, np.int64)) if targets is None else targets,
        features=features,
        facts=_facts(work, solved, candidate),
        table=learning.train.table,
        unusable=(len(reading.bad), len(reading.bad) + len(reading.dataset)),
    )
    post = found.postprocessing
    with one_blas_thread():
        reference = learned_reference(held, post.arrays, generator(learning.seed, "monitor"))
    return replace(found, postprocessing=Postprocessing(post.record, {**post.arrays, **reference.arrays()}))


def _facts(work: Work, solved: Solved, candidate: Candidate) -> dict[str, Floats]:
    """Of the training inputs, those that the bundle can measure of new ones."""
    from headstart.data.modalities import modality

    train, learning = solved.learning.train, solved.learning
    names = part_names(train.schema)
    found: dict[str, Floats] = {}
    for number, part in enumerate(train.parts):
        kind, prepared = modality(part.modality), None
        lane, network = learning.features.lanes.get(part.modality), work.networks.get(part.modality)
        space = lane.described.facts if lane is not None else None
        if space is not None and network is not None and _prepares_alike(candidate, number, network.preparer.address()):
            prepared = learning.store.read(space, part.keys)
        is_text = part.modality == "text"
        contents = [part.inputs.read(row) for row in range(len(part))] if is_text else None
        each = part_facts(kind, part.sizes, prepared, contents)
        found |= {names[number] + name: values for name, values in each.items()}
    return found


def _prepares_alike(candidate: Candidate, number: int, address: dict[str, Any]) -> bool:
    """Whether the candidate prepares the inputs of a part as they were when their facts were measured."""
    for source in candidate.sources:
        if isinstance(source, PretrainedSource) and number in source.numbers:
            return bool(source.network.preparer.address() == address)
        if isinstance(source, FittedSource) and source.part == number and source.code.takes == "prepared":
            return True  # a fitted backbone takes what the network of the modality prepares
    return False
