"""What the steps up to the choice left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headstart.features.sources import joined

if TYPE_CHECKING:
    from headstart.auditing.fit_audit import Audited
    from headstart.core.pairs import Matrix
    from headstart.data.dataset import Dataset
    from headstart.evidence.contender import Contender
    from headstart.evidence.guard import Choice
    from headstart.fitting.updated import Updated
    from headstart.postprocessing.choosing import Postprocessed
    from headstart.solving.candidates import Candidate
    from headstart.solving.solve import Learning
    from headstart.solving.work import Solved, Work


@dataclass(frozen=True)
class Outcome:
    """What the steps up to the choice left, each as it left it.

    Attributes:
        work: What was decided before features were computed.
        solved: Every candidate, those that were trained included.
        choice: Which of them ships.
        answers: What is said beside its predictions.
        audited: Findings about the data.
        compared: The section ``networks`` of evidence.json; empty where one network was given.
        mitigation: The section of that name; empty where none was asked for.
        domains: The section of that name; empty where none were named.
        uncalibrated: The contender that ships as it was before it was calibrated: those that learn from fewer examples
            are not calibrated, and a learning curve compares like with like.
        updated: The run that this one goes on from, and what the gate said; None where it begins anew.
    """

    work: Work
    solved: Solved
    choice: Choice
    answers: Postprocessed
    audited: Audited
    compared: Mapping[str, Any]
    mitigation: Mapping[str, Any]
    domains: Mapping[str, Any]
    uncalibrated: Contender
    updated: Updated | None = None

    @property
    def learning(self) -> Learning:
        """What every candidate was given."""
        return self.solved.learning

    @property
    def chosen(self) -> Contender:
        """The contender that ships."""
        return next(contender for contender in self.solved.contenders if contender.name == self.choice.name)

    @property
    def candidate(self) -> Candidate:
        """The candidate that ships."""
        return next(candidate for candidate in self.solved.candidates if candidate.name == self.choice.name)

    def features(self, examples: Dataset) -> Matrix:
        """Of the candidate that ships, ``(n, D)``."""
        return joined(self.candidate.sources, examples)
