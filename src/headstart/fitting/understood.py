"""The data read, what their targets mean, and which networks can see them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from headstart.data.pairs import separated
from headstart.features.networks import Networks, find_networks
from headstart.features.reading import Sources, read_sources
from headstart.ranking.network_field import Field, field_of
from headstart.solving.domains import require_domains
from headstart.solving.meaning import Meaning, meaning_of
from headstart.solving.splitting import require_given_split
from headstart.training.required import require_stages
from headstart.updating.joining import Joining, joined

if TYPE_CHECKING:
    from headstart.data.read import Reading
    from headstart.fitting.asked import Asked
    from headstart.request.fit_config import FitConfig


@dataclass(frozen=True)
class Understood:
    """What is known before anything is computed.

    Attributes:
        joining: The run that is updated, with the data below which those of ``--add`` stand.
        competing: Networks that are compared first; None where one is given.
        networks: That one, or the first of those.
    """

    reading: Reading
    meaning: Meaning
    joining: Joining | None
    competing: Field | None
    networks: Networks

    @property
    def told(self) -> Reading:
        """The reading with what a plan says of the task."""
        meaning = self.meaning
        note = f"task: {meaning.task_name}, since {meaning.reason} ({meaning.description})"
        return replace(self.reading, notes=(*self.reading.notes, note, *meaning.notes))


def understood(request: FitConfig, asked: Asked, sources: Sources) -> Understood:
    """Read ``sources``: data, test data or None, and what was added.

    Raises:
        DataError: they cannot be learned from.
        LeakError: the given split makes any result meaningless.
        ConfigError: the data are not what the request was meant for.
    """
    first = asked.models[0]
    reading = read_sources(request, sources)
    if first.pair == "separate":
        reading = replace(reading, dataset=separated(reading.dataset))
    if request.domains is not None:
        require_domains(reading.dataset, request.domains)
    joining = None
    if request.update is None:
        require_given_split(reading.dataset, resplit=request.resplit, accepted=request.accept)
    else:
        reading, joining = joined(request, reading)
    parted = reading.dataset if joining is None else joining.with_parts(reading.dataset)
    meaning = meaning_of(parted, request.task, resplit=request.resplit, decision=request.decision)
    competing = field_of(asked.models, reading.dataset, request)
    networks = competing.first if competing else find_networks(first, asked.card, reading.dataset.schema)
    if asked.train_request:
        for each in competing.each if competing else [networks]:
            require_stages(asked.train_request, each)
    return Understood(reading, meaning, joining, competing, networks)
