"""Features of every entrant of a ranking, computed as a fit computes them and kept where a fit finds them.

All that one network is asked for, at one size, is one pass: its own features by the runtime that is chosen for a fit,
the same with random weights, and averaged outputs of its stages. The stages cost one further run of the network, in
PyTorch, up to the last stage that is asked for, however many there are.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core.errors import BackendError, IntegrityError, MissingExtraError
from headstart.core.pairs import Matrix
from headstart.core.progress import Progress
from headstart.core.run_folder import RunFolder
from headstart.features.lanes import Lane
from headstart.features.network_in_pass import Workshop
from headstart.features.networks import Network
from headstart.features.timings import ENOUGH, Timing, compute_seconds, remember, remembered, sampled
from headstart.ranking.entrant_passes import Wanted, stages, whole_networks
from headstart.ranking.entrants import Entrant
from headstart.solving.candidates import default_method

if TYPE_CHECKING:
    from headstart.core.learning import SolveMethod
    from headstart.data.dataset import LabeledDataset
    from headstart.engine.activations.address import Space
    from headstart.engine.feature_pass import PassResult
    from headstart.runtimes.choice import RuntimeChoice

PROBE = "linear_probe"


@dataclass(frozen=True)
class EntrantFeatures:
    """An entrant with its features.

    Attributes:
        read: Gives them, ``(N, D)``, in the order of the training part.
        method_name: Of the probe that is solved on them.
        is_dense: Whether neighbours and votes can be asked as well.
        timing: None where nothing could be timed.
        runtime: That computed them; "numpy" of fitted ones.
        computed: Inputs that were not kept and had to be computed.
        failure: Why there are none, else "".
        choice: The runtime, to be used again; None of fitted ones.
    """

    entrant: Entrant
    read: Callable[[], Matrix]
    method_name: str = PROBE
    is_dense: bool = True
    timing: Timing | None = None
    runtime: str = ""
    computed: int = 0
    failure: str = ""
    choice: RuntimeChoice | None = None

    @property
    def method(self) -> SolveMethod:
        """With its defaults."""
        return default_method(self.method_name)


def fetch(entrants: Sequence[Entrant]) -> None:
    """Weights that were named and are not here yet: a place that cannot be reached is told before the work."""
    from headstart.backbones import catalogue

    for card in {one.card.name: one.card for one in entrants if one.card and one.kind == "pretrained"}.values():
        if not catalogue.is_installed(card):
            _ = Network(card, None).backbone


def network_features(
    entrants: Sequence[Entrant], train: LabeledDataset, workshop: Workshop, progress: Progress
) -> list[EntrantFeatures]:
    """Of all entrants that have a network, in order; one pass for each network and size."""
    groups: dict[str, list[Entrant]] = {}
    for one in entrants:
        if one.card is not None:
            groups.setdefault(one.card.model_dump_json(), []).append(one)
    found: dict[str, EntrantFeatures] = {}
    passes = _Passes(train, workshop, progress)
    with tempfile.TemporaryDirectory() as place:
        for number, group in enumerate(groups.values()):
            folder = Path(place) / str(number)  # of its own: a decision of one network is none of another
            folder.mkdir()
            found |= {one.entrant.name: one for one in passes.tried(group, RunFolder(folder))}
    return [found[one.name] for one in entrants if one.card is not None]


@dataclass
class _Passes:
    """Passes over the training part; a runtime that was chosen for a network is not looked for at its other sizes."""

    train: LabeledDataset
    workshop: Workshop
    progress: Progress
    chosen: dict[tuple[str, str], RuntimeChoice] = field(default_factory=dict)  # by name and place of the weights

    def tried(self, group: Sequence[Entrant], folder: RunFolder) -> list[EntrantFeatures]:
        """A network that cannot be built or run here is no reason to rank none."""
        try:
            return self.one(group, folder)
        except (MissingExtraError, BackendError, IntegrityError) as error:
            return [EntrantFeatures(each, lambda: None, failure=str(error).rstrip(".")) for each in group]

    def one(self, group: Sequence[Entrant], folder: RunFolder) -> list[EntrantFeatures]:
        """Of one network at one size."""
        from headstart.engine.feature_pass import PassResult, run_pass

        card = group[0].card
        assert card is not None  # noqa: S101  # groups are made of those that have one
        lane, weights = Lane(Network(card, None), (0,), self.train), (card.name, card.location)
        whole = whole_networks(group, lane, self.workshop, folder, self.chosen.get(weights))
        self.chosen.update((weights, each.choice) for each in whole)
        wanted = [*whole, *stages(group, lane, self.workshop)]
        extractions = [extraction for each in wanted for extraction in each.extractions]
        result = PassResult()
        if extractions:
            result = run_pass(
                lane.inputs, lane.keys, lane.network.preparer, extractions, self.workshop.store,
                workers=self.workshop.threads, progress=self.progress,
            )  # fmt: skip
        prepare = result.clock.decode / max(1, result.decoded) / self.workshop.threads
        timings = _timings(wanted, lane, self.workshop, prepare)
        return [self._features(each, lane, timings[each.entrant.name], result) for each in wanted]

    def _features(self, one: Wanted, lane: Lane, timing: Timing | None, result: PassResult) -> EntrantFeatures:
        store, keys = self.workshop.store, self.train.parts[0].keys
        return EntrantFeatures(
            one.entrant,
            lambda: store.read(one.space, keys),
            timing=timing,
            runtime=f"{one.choice.name} {one.choice.precision}",
            choice=one.choice,
            computed=one.timed[0].rows if one.timed else 0,
            failure=_failure(one.space, lane, self.workshop, result.failures),
        )


def _failure(space: Space, lane: Lane, workshop: Workshop, reasons: Mapping[int, str]) -> str:
    """Why features are missing after the pass; "" where none are."""
    missing = np.flatnonzero(workshop.store.missing(space, lane.keys))
    if not len(missing):
        return ""
    return f"{len(missing)} inputs have no features ({reasons.get(int(missing[0]), 'not computed')})"


def _timings(wanted: Sequence[Wanted], lane: Lane, workshop: Workshop, prepare: float) -> dict[str, Timing | None]:
    """By name: what the pass took, what an earlier one did, or what a few inputs take now."""
    found: dict[str, Timing | None] = {}
    sample: tuple[list[Any], float] | None = None
    for each in wanted:
        if each.timed and all(timed.rows >= ENOUGH for timed in each.timed):
            compute = sum(timed.seconds_per_input for timed in each.timed)
            timing: Timing | None = Timing(prepare=prepare, compute=compute)
        elif (timing := remembered(workshop.cache, each.space)) is None:
            sample = sample or sampled(lane, workshop.threads)
            seconds = compute_seconds(each.prepare(), sample[0]) if sample[0] else 0.0
            timing = Timing(prepare=sample[1], compute=seconds) if sample[0] else None
        if timing:
            remember(workshop.cache, each.space, timing)
        found[each.entrant.name] = timing
    return found
