"""Every name in a request looked up: what is wrong is told before any data are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headstart.core import plugins
from headstart.features.model_names import named_models
from headstart.features.network_in_pass import require_runnable
from headstart.features.networks import ModelOptions, named_card
from headstart.inspection.audit import require_known
from headstart.racing.beside import require_beside
from headstart.racing.race_of_a_fit import require_race
from headstart.request.generalising import require_generalising
from headstart.request.mitigation_request import require_mitigation
from headstart.request.train_request import TrainRequest, compared, require_combinable, require_search, train_request
from headstart.solving.candidates import method_named

if TYPE_CHECKING:
    from headstart.backbones.card import Card
    from headstart.core.learning import SolveMethod
    from headstart.request.fit_config import FitConfig


@dataclass(frozen=True)
class Asked:
    """What the names of a request stand for.

    Attributes:
        train_request: The train method; None where none was named.
        method: What solves the preferred candidate, by ``method_name``.
        models: One where nothing is to be compared.
        card: Of the first model; None where the data decide.
    """

    train_request: TrainRequest | None
    method_name: str
    method: SolveMethod
    models: list[ModelOptions]
    card: Card | None


def asked_for(request: FitConfig, *, dry_run: bool) -> Asked:
    """Look everything up; raises ConfigError for what is not there or does not go together."""
    trained = train_request(request.method)
    compared(request.compare, trained)
    require_combinable(request)
    require_search(request)
    require_mitigation(request.mitigation, request.slices)
    require_generalising(request)
    method_name, method = method_named({"name": "auto"} if trained else request.method)
    require_beside(request.beside, method_name)
    require_known(request.accept)
    require_runnable(request.runtime, request.device)
    if not dry_run:
        require_race(request)
    if request.task != "auto":
        plugins.load("tasks", request.task)
    models = named_models(ModelOptions.parse(request.model, "model"))
    cards = [named_card(each) for each in models]
    return Asked(trained, method_name, method, models, cards[0])
