"""What the audit looks at, put together from what a fit or an audit alone has computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.auditing.facts import facts_of
from headstart.core.learning import Floats, Ints, Targets, Task
from headstart.data.read import Reading
from headstart.features.compute import Features
from headstart.features.network_in_pass import Workshop
from headstart.features.networks import Networks
from headstart.features.sources import PretrainedSource, joined
from headstart.inspection.examined import Examined

if TYPE_CHECKING:
    from headstart.data.dataset import LabeledDataset
    from headstart.solving.candidates import Candidate


@dataclass(frozen=True)
class Computed:
    """What was computed of all N examples before anything was learned.

    Attributes:
        reading: The examples.
        duplicates: ``(N,)`` group numbers of near-duplicates.
    """

    reading: Reading
    networks: Networks
    features: Features
    workshop: Workshop
    duplicates: Ints


@dataclass(frozen=True)
class Learned:
    """What a probe learned from the L examples whose targets may be seen.

    Attributes:
        dataset: These examples.
        rows: ``(L,)`` their positions among all.
        folds: ``(L,)`` fold numbers.
        candidate: The probe: its features.
        out_of_fold: ``(L, W)`` of the probe.
    """

    dataset: LabeledDataset
    rows: Ints
    task: Task
    targets: Targets
    folds: Ints
    candidate: Candidate
    out_of_fold: Floats


def examined(computed: Computed, learned: Learned, *, resplit: bool, seed: int) -> Examined:
    """For ``audit.audit``; nothing in it holds a sealed target."""
    dataset = computed.reading.dataset
    inputs = dataset.without_targets()
    return Examined(
        inputs=inputs,
        learned=learned.dataset,
        rows=learned.rows,
        is_test=(dataset.split == "test") & (not resplit),
        task=learned.task,
        targets=learned.targets,
        folds=learned.folds,
        out_of_fold=learned.out_of_fold,
        duplicates=computed.duplicates,
        groups=_texts(dataset.groups),
        features=_features(learned.candidate, inputs),
        facts=facts_of(inputs, computed.networks, computed.features, computed.workshop.store),
        left_out=computed.reading.left_out,
        seed=seed,
    )


def _features(candidate: Candidate, inputs: Any) -> Callable[[], Floats] | None:
    """Of the pretrained networks; None where none sees the data."""
    sources = [source for source in candidate.sources if isinstance(source, PretrainedSource)]
    if not sources:
        return None
    return lambda: np.asarray(joined(sources, inputs))


def _texts(groups: NDArray[np.object_] | None) -> NDArray[np.object_] | None:
    if groups is None:
        return None
    return np.asarray([None if value is None else str(value) for value in groups], dtype=object)
