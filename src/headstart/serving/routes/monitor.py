"""``GET /monitor``: whether what is asked has changed since the fit, and whether the model is still right."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter

from headstart.serving.documented import refusals
from headstart.serving.refusals import Refusal
from headstart.serving.service import Service


def router(service: Service) -> APIRouter:
    """The document that ``headstart monitor`` gives of a log."""
    found = APIRouter(tags=["operation"])

    @found.get("/monitor", summary="What changed since the fit", responses=refusals(401, 404))
    async def monitor() -> dict[str, Any]:
        """Verdict, findings, accuracy, advice, of the latest window of all workers; counts alone are kept."""
        return await _document(service)

    return found


async def _document(service: Service) -> dict[str, Any]:
    monitor = service.monitor
    if monitor is None:
        raise Refusal(404, "not_monitored", "this server does not watch; start it without monitor.enabled=false.")
    if monitor.why_not:
        raise Refusal(404, "not_monitored", monitor.why_not)
    document = await asyncio.to_thread(monitor.document)
    if document is None:
        raise Refusal(404, "nothing_yet", "nothing was counted yet; counts are complete after ten seconds to a minute.")
    return document
