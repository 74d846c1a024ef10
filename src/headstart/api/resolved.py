"""The parts of config.yaml that a run filled in: which networks, and how they were run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headstart.api.fit_config import FitConfig
from headstart.api.networks import NO_MODEL, Networks

if TYPE_CHECKING:
    from headstart.api.features import Features


def resolved_model(request: FitConfig, networks: Networks) -> dict[str, Any]:
    """The first network: the others are the embedded defaults of their modality."""
    if not networks:
        return {**request.model, "name": NO_MODEL}
    network = next(iter(networks.values()))
    if request.model["name"] != "auto":
        network = next((each for each in networks.values() if each.card.whole_name == request.model["name"]), network)
    name = network.card.whole_name if request.model["name"] == "auto" else request.model["name"]
    model = {**request.model, "name": name, "sha256": network.backbone.card.sha256}
    if request.model.get("stage") is not None:
        model["stage"] = network.card.cut  # by its name; None where it is the last one anyway
    resize = getattr(network.card.preprocessing, "resize", None)
    return model if resize is None else {**model, "resize": resize}


def resolved_runtime(features: Features) -> dict[str, Any]:
    """How each network ran, so that a replay measures nothing."""
    if not features.lanes:
        return {"name": NO_MODEL}
    if len(features.lanes) > 1:
        networks = {name: lane.runtime.model_dump(mode="json") for name, lane in features.lanes.items()}
        return {"name": next(iter(networks.values()))["name"], "networks": networks}
    lane = next(iter(features.lanes.values()))
    twin = {} if lane.twin is None else {"twin": lane.twin.runtime.model_dump(mode="json")}
    return {"name": lane.runtime.name, "backbone": lane.runtime.model_dump(mode="json"), **twin}
