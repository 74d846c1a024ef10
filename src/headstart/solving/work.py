"""What a fit knows: first the job with what was decided before features, then every candidate that is solved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headstart.core.learning import SolveMethod
    from headstart.data.read import Reading
    from headstart.evidence.contender import Contender
    from headstart.features.network_in_pass import Workshop
    from headstart.features.networks import Networks
    from headstart.request.combination import Combination
    from headstart.request.job import Job
    from headstart.request.train_request import TrainRequest
    from headstart.solving.candidates import Candidate
    from headstart.solving.meaning import Meaning
    from headstart.solving.parting import Parts
    from headstart.solving.solve import Learning


@dataclass(frozen=True)
class Work:
    """A job with everything that was decided before features are computed.

    Attributes:
        method: What solves the preferred candidate, by ``method_name``.
        train_request: The train method; None where none was named.
        leader: The run folder of the process that this one helps to train; None where it does the work itself.
    """

    job: Job
    reading: Reading
    meaning: Meaning
    networks: Networks
    workshop: Workshop
    method_name: str
    method: SolveMethod
    train_request: TrainRequest | None
    leader: Path | None = None


@dataclass(frozen=True)
class Tuned:
    """A candidate with settings that were drawn.

    Attributes:
        settings: What differs from the method's defaults.
    """

    candidate: Candidate
    contender: Contender
    settings: Mapping[str, Any]
    loss: float


@dataclass(frozen=True)
class Trial:
    """A trained candidate.

    Attributes:
        settings: Of the method, without "auto".
        report: The engine's account, the same for the same bits.
        seconds: What it cost, by part.
        moved: Whether the network differs from the one it began from.
        combine: Other trainings that are part of it, for config.yaml; None: it is one training.
    """

    candidate: Candidate
    contender: Contender
    settings: dict[str, Any]
    report: dict[str, Any]
    seconds: dict[str, Any]
    moved: bool = True
    combine: Combination | None = None


@dataclass(frozen=True)
class Solved:
    """What is known when every candidate is solved.

    Attributes:
        trials: What was trained.
        race: What a race tried, dropped and why; empty without one.
        tuned: The solved candidate whose settings a race found.
        beside: Methods on the features of the first candidate, in places 1, 2, ...
        beside_told: What a race says of them.
    """

    learning: Learning
    candidates: list[Candidate]
    contenders: list[Contender]
    parts: Parts
    reading: Reading
    trials: tuple[Trial, ...] = ()
    race: Mapping[str, Any] = field(default_factory=dict)
    tuned: Tuned | None = None
    beside: tuple[str, ...] = ()
    beside_told: tuple[Mapping[str, Any], ...] = ()
