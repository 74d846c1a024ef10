"""``POST /explain``: which parts of one example the answer rests on."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from headstart.core.errors import UserError
from headstart.serving.bodies import body_of
from headstart.serving.documented import OF_A_BODY, refusals
from headstart.serving.refusals import Refusal, unusable
from headstart.serving.routes.predict import bodies
from headstart.serving.service import Service
from headstart.serving.timing import answered_within


def router(service: Service) -> APIRouter:
    """One endpoint; it takes what ``/predict`` takes, one example."""
    found = APIRouter(tags=["predictions"])

    @found.post(
        "/explain",
        summary="What an answer rests on",
        openapi_extra={"requestBody": bodies(service.slots.current)},
        responses=refusals(*OF_A_BODY, 404),
    )
    async def explain(request: Request) -> dict[str, Any]:
        """A figure for each cell, word or column, by taking it away and asking the model again."""
        config = service.config
        if not config.explain:
            raise Refusal(404, "no_explanations", "this server explains nothing; it was started with explain=false.")
        model = service.slots.current
        service.gate().check()
        body = await body_of(request, config.limits.body_bytes, config.timeout_seconds)
        reads = await service.read(body, request.headers.get("content-type", ""), model)
        if len(reads) != 1:
            raise unusable(f"one example is explained at a time; got {len(reads)}.")
        try:
            explained = await answered_within(config.timeout_seconds, service.explain(reads[0], model))
        except UserError as error:
            raise unusable(str(error)) from None
        return explained.document

    return found
