"""``/healthz``, ``/readyz``, ``/metrics``: for those who run the server. The first two need no key."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from headstart.serving.documented import refusals
from headstart.serving.refusals import Refusal
from headstart.serving.service import Service

EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


def router(service: Service) -> APIRouter:
    """Alive, ready, and what was counted."""
    found = APIRouter(tags=["operation"])

    @found.get("/healthz", summary="Whether the process is alive")
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @found.get("/readyz", summary="Whether requests should be sent here", responses={503: {"description": "Not now"}})
    async def readyz() -> Response:
        """503 while the server starts or stops. `newer_bundle_refused` says why a newer bundle is not in use."""
        ready = service.batcher is not None and not service.draining
        model = service.slots.current
        document = {
            "status": "ready" if ready else "draining" if service.draining else "starting",
            "model": model.name,
            "version": model.version,
            "newer_bundle_refused": service.slots.failure,
        }
        return JSONResponse(document, 200 if ready else 503)

    @found.get("/metrics", summary="Counters for Prometheus", response_class=Response)
    async def metrics() -> Response:
        return Response(service.metrics.exposition(), media_type=EXPOSITION)

    @found.get("/comparison", summary="The bundle beside, on the same examples", responses=refusals(401, 404))
    async def comparison() -> dict[str, Any]:
        """How often both say the same, and how far apart their probabilities are, with 95 % intervals."""
        if service.comparison is None:
            raise Refusal(404, "no_comparison", "no second bundle is served; start with --beside RUN.")
        return service.comparison.to_dict()

    return found
