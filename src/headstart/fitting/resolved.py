"""config.yaml: what a run filled in of what was left open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headstart.features.networks import NO_MODEL, Networks
from headstart.request.fit_config import FitConfig

if TYPE_CHECKING:
    from headstart.core.learning import Task
    from headstart.evidence.guard import Choice
    from headstart.features.compute import Features
    from headstart.solving.work import Solved, Work


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


def _balance(request: FitConfig, task: Task) -> str:
    """``auto`` as it turned out: where accuracy decides, or the task has no classes, nothing is done."""
    if task.kind != "class":
        return "none"
    if request.balance != "auto":
        return request.balance
    return "decision" if task.primary == "macro_f1" else "none"


def guarded(work: Work) -> bool | str:
    """What :func:`headstart.solving.trials.choose` is told."""
    request = work.job.request
    if request.guard != "auto":
        return request.guard
    return "start" if work.train_request else bool(request.method["name"] == "auto")


def _resolved_method(work: Work, solved: Solved, choice: Choice) -> dict[str, Any]:
    if _is_tuned(solved, choice) and solved.tuned:
        chosen = next(each for each in solved.candidates if each.name == choice.name)
        settings = dict(solved.tuned.settings)
        return {"name": chosen.method_name, **({"trees": settings} if chosen.blends else settings)}
    for trial in solved.trials:
        if trial.contender.can_ship:
            return {"name": trial.contender.name, **trial.settings}
    if work.train_request:
        return {"name": work.method_name}  # nothing could be trained
    return {**work.job.request.method, "name": work.method_name}


def _is_tuned(solved: Solved, choice: Choice) -> bool:
    """Whether what ships is the candidate whose settings a race found, or a mean with it."""
    if solved.tuned is None:
        return False
    tuned = solved.tuned.candidate.name
    return any(each.name == choice.name and tuned in (each.name, *(each.blends or ())) for each in solved.candidates)


def resolved_config(work: Work, solved: Solved, choice: Choice, generalised: str = "none") -> FitConfig:
    """config.yaml: the request with everything that was left open filled in.

    ``generalised`` is the way in which the model was prepared for a new domain.
    """
    request, networks = work.job.request, work.networks
    task, features = solved.learning.task, solved.learning.features
    runtimes = [lane.runtime for lane in features.lanes.values()]
    return request.model_copy(
        update={
            "task": task.name,
            "model": resolved_model(request, networks),
            "method": _resolved_method(work, solved, choice),
            "guard": False if _is_tuned(solved, choice) else guarded(work),
            "balance": _balance(request, task),
            "generalise": generalised,
            "tune": None,  # what a race found is in the method, and in what is combined with it
            "storage": None,
            "beside": solved.beside,
            "ensemble": False,
            "combine": next((trial.combine for trial in solved.trials if trial.contender.can_ship), None),
            "compare": tuple(
                {"name": trial.contender.name, **trial.settings}
                for trial in solved.trials
                if not trial.contender.can_ship
            ),
            "device": "cuda" if any("cuda" in runtime.name for runtime in runtimes) else "cpu",
            "threads": work.workshop.threads,
            "runtime": resolved_runtime(features),
        }
    )
