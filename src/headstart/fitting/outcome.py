"""What the steps up to the choice left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from headstart.auditing.fit_audit import Audited
from headstart.features.sources import joined

if TYPE_CHECKING:
    from headstart.core.pairs import Matrix
    from headstart.data.dataset import Dataset
    from headstart.data.read import Reading
    from headstart.data.sealed import SealedTargets
    from headstart.evidence.contender import Contender
    from headstart.evidence.guard import Choice
    from headstart.features.network_in_pass import Workshop
    from headstart.features.networks import Networks
    from headstart.solving.candidates import Candidate
    from headstart.solving.solve import Learning
    from headstart.solving.splitting import Split
    from headstart.solving.work import Trial


@dataclass(frozen=True)
class Outcome:
    """What the steps up to the choice left."""

    learning: Learning
    candidates: list[Candidate]
    contenders: list[Contender]
    choice: Choice
    split: Split
    sealed: SealedTargets
    reading: Reading
    networks: Networks
    workshop: Workshop
    trials: tuple[Trial, ...] = ()
    audited: Audited = field(default_factory=Audited)
    race: Mapping[str, Any] = field(default_factory=dict)
    compared: Mapping[str, Any] = field(default_factory=dict)

    @property
    def chosen(self) -> Contender:
        """The contender that ships."""
        return next(contender for contender in self.contenders if contender.name == self.choice.name)

    @property
    def candidate(self) -> Candidate:
        """The candidate that ships."""
        return next(candidate for candidate in self.candidates if candidate.name == self.choice.name)

    def features(self, examples: Dataset) -> Matrix:
        """Of the candidate that ships, ``(n, D)``."""
        return joined(self.candidate.sources, examples)
