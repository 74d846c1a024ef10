"""Networks compared before a fit: each by a probe on its kept features of the training part, and one is taken."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from headstart.core.errors import DataError
from headstart.core.progress import Progress
from headstart.core.resources import free_memory_mib, one_blas_thread
from headstart.features.network_in_pass import Workshop
from headstart.features.networks import Network
from headstart.features.pace import pass_seconds
from headstart.ranking.entrant_features import EntrantFeatures, network_features
from headstart.ranking.entrant_scores import TrainingPart, probed
from headstart.ranking.network_field import Field, Rival
from headstart.ranking.network_tried import Tried
from headstart.ranking.network_winner import winner
from headstart.tasks.figures import figure

SETTING_UP = 2.0  # seconds to load a network and to find out how it runs fastest
COPIES = 4.0  # of its weights in memory: as read, as built, as a fast runtime holds them, and what a batch takes


@dataclass
class Contest:
    """Networks one after another, as far as the time allows.

    Args:
        candidates: Who is compared; the first one in any case.
        part: The training part with the folds of the fit.
        began: When the comparison began, ``time.monotonic()``: preparing the inputs counts.
    """

    candidates: Field
    part: TrainingPart
    workshop: Workshop
    progress: Progress
    began: float
    tried: list[Tried] = field(default_factory=list)
    pace: float = 1.0  # seconds that a pass took by those that were guessed
    above: tuple[float, float] | None = None  # of the mean loss of the one to go on with, over the smallest

    def run(self) -> Tried:
        """The one to go on with, see :func:`headstart.ranking.network_winner.winner`.

        Raises:
            DataError: none gave features.
        """
        self.progress.step("networks", 0)
        for rivals in self._groups():
            self.tried += self._refused(rivals) or self._computed(rivals)
        usable = [one for one in self.tried if one.probe]
        if not usable:
            first = self.tried[0]
            raise DataError(f"at least one network must give features; {first.rival.name} does not: {first.why}.")
        found = winner(usable, self.part, self.measure, is_timed=math.isfinite(self.candidates.limit))
        for one in usable:
            one.why = found.why[one.rival.name]
        self.above = found.above
        return found.best

    def spent(self) -> float:
        """Seconds so far."""
        return time.monotonic() - self.began

    def _groups(self) -> list[list[Rival]]:
        """Those that one run of a network serves together, in order."""
        groups: dict[str, list[Rival]] = {}
        for rival in self.candidates.rivals:
            card = rival.entrant.card
            assert card is not None  # noqa: S101  # they are networks
            groups.setdefault(card.model_dump_json(), []).append(rival)
        return list(groups.values())

    def _refused(self, rivals: Sequence[Rival]) -> list[Tried]:
        """Those of a group with the reason why they are not tried; none where they are."""
        largest = max(rivals, key=lambda rival: rival.network.card.parameters)
        free, needed = free_memory_mib(), _weights_mib(rivals[0]) * COPIES
        why = ""
        if free is not None and needed > free:
            why = f"it does not fit memory: it needs about {needed:,.0f} MiB, and {free:,.0f} MiB are free"
        elif self.tried and math.isfinite(self.candidates.limit):
            expected, left = self._expected(largest), self.candidates.limit - self.spent()
            if expected > left:
                why = (
                    f"it is too slow for the minutes: it would take about {expected:.0f} s, and of the "
                    f"{self.candidates.limit:.0f} s for comparing networks {max(0.0, left):.0f} s were left"
                )
        if why:
            for rival in rivals:
                self.progress.note(f"{rival.name} is not tried: {why}")
        return [Tried(rival, why=why) for rival in rivals] if why else []

    def _expected(self, rival: Rival) -> float:
        """Seconds of its pass and probe, by what those before took."""
        return SETTING_UP + self.pace * pass_seconds(rival.network.card, self._missing(rival))

    def _missing(self, rival: Rival) -> int:
        """Inputs that it has not seen yet, by any runtime; all where it cannot be loaded, which is told later."""
        from headstart.core.errors import HeadstartError
        from headstart.features.compute import missing_features

        card = rival.network.card
        networks = {card.modality: Network(card, rival.network.expected_sha256)}  # its weights are let go of again
        try:
            return sum(missing_features(self.part.train, networks, self.workshop).values())
        except HeadstartError:
            return len(self.part.train)

    def _computed(self, rivals: Sequence[Rival]) -> list[Tried]:
        """Features of a group, and a probe of each."""
        began = time.monotonic()
        entrants = [rival.entrant for rival in rivals]
        try:
            found = network_features(entrants, self.part.train, self.workshop, self.progress)
        except (MemoryError, RuntimeError) as error:
            if not isinstance(error, MemoryError) and "memory" not in str(error):
                raise
            found = [EntrantFeatures(one, lambda: None, failure="it does not fit memory") for one in entrants]
        seconds = time.monotonic() - began
        self._learn_pace(rivals, found, seconds)
        total = sum(one.computed for one in found)  # what was kept took nothing
        return [
            self._probed(
                Tried(rival, features=one, seconds=seconds * (one.computed / total if total else 1 / len(found)))
            )
            for rival, one in zip(rivals, found, strict=True)
        ]

    def _learn_pace(self, rivals: Sequence[Rival], found: Sequence[EntrantFeatures], seconds: float) -> None:
        computed = max(one.computed for one in found)
        guessed = pass_seconds(rivals[0].network.card, computed)
        if guessed > 0.5 and len(rivals) == 1:  # of a moment nothing is learned
            self.pace = max(0.0, seconds - SETTING_UP) / guessed

    def _probed(self, one: Tried) -> Tried:
        assert one.features is not None  # noqa: S101  # it was computed
        if one.features.failure:
            one.why = f"it failed: {one.features.failure}"
            self.progress.note(f"{one.rival.name}: {one.why}")
            return one
        began = time.monotonic()
        with one_blas_thread():
            one.probe = probed(one.features, one.features.read(), self.part)
        one.seconds += time.monotonic() - began
        self.progress.note(f"{one.rival.name}: {self.measure} {self.shown(one)} held out, {one.seconds:.1f} s")
        return one

    @property
    def measure(self) -> str:
        """What they are compared by, for people."""
        return self.part.task.primary if self.part.is_error else self.part.task.loss_name

    def value(self, one: Tried) -> float | None:
        """Held-out log-loss, of numbers the root of the mean squared error."""
        if one.probe is None:
            return None
        return float(np.sqrt(one.probe.loss)) if self.part.is_error else one.probe.loss

    def shown(self, one: Tried) -> str:
        """The same for people."""
        value = self.value(one)
        return "none" if value is None else figure(value)


def _weights_mib(rival: Rival) -> float:
    """Of the whole network: one that is cut is read whole too."""
    return rival.network.card.size_mib if rival.entrant.card is None else rival.entrant.card.size_mib
