"""``GET /model``: what is served, and the evidence of its fit."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from headstart.adaptation.followed_shares import FollowedAnswers
from headstart.serving.models import Model
from headstart.serving.service import Service


def router(service: Service) -> APIRouter:
    """The current bundle, described."""
    found = APIRouter(tags=["model"])

    @found.get("/model", summary="What is served")
    async def model() -> dict[str, Any]:
        offered = {"explains": service.config.explain, "feedback": service.feedback is not None}
        return {**description(service.slots.current), **offered, "limits": service.config.limits.model_dump()}

    @found.get("/evidence", summary="How good it is: the evidence of its fit")
    async def evidence() -> dict[str, Any]:
        return service.slots.current.shipped.evidence()

    return found


def _shares(model: Model) -> dict[str, Any] | None:
    """How often each class is taken to come, where that is followed."""
    if not isinstance(model.answers, FollowedAnswers):
        return None
    shares = model.answers.shares
    return {"now": dict(zip(model.answers.task.class_names, shares.now.tolist(), strict=True)), "held": shares.is_held}


def description(model: Model) -> dict[str, Any]:
    """What callers and the page need to know."""
    shipped = model.shipped
    schema = shipped.schema
    return {
        "name": model.name,
        "version": model.version,
        "headstart_version": shipped.manifest.headstart_version,
        "task": shipped.task().kind,
        "class_names": list(shipped.class_names),
        "parts": [part.model_dump() for part in schema.parts],
        "columns": model.columns,
        "answer_columns": model.answers.columns,
        "shares": _shares(model),
        "runtime": model.predictor.runtime,
        "precision": model.predictor.precision,
        "candidate": shipped.manifest.candidate,
    }
