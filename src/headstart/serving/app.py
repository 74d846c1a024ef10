"""The application: its endpoints, and what surrounds each request."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import headstart
from headstart.serving.logs import log
from headstart.serving.refusals import Refusal
from headstart.serving.routes import about, explain, feedback, health, kserve, monitor, page, predict
from headstart.serving.service import Service

OPEN = ("/healthz", "/readyz", *page.OPEN)  # need no key: whoever restarts the server asks them; the page asks for it
REQUEST_ID = "x-request-id"
LONGEST_ID = 128
ROUTERS = (
    predict.router,
    explain.router,
    feedback.router,
    kserve.router,
    about.router,
    health.router,
    monitor.router,
    page.router,
)


def application(service: Service) -> FastAPI:
    """Everything that is served."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await service.start()
        yield
        await service.stop()

    app = FastAPI(
        title=f"Headstart: {service.slots.current.name}",
        description="Predictions of a model that was transferred to a small data set, with how sure they are.",
        version=headstart.__version__,
        lifespan=lifespan,
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
    )
    for router in ROUTERS:
        app.include_router(router(service))
    app.add_exception_handler(Refusal, _refused)
    app.add_middleware(Surroundings, service=service)
    return app


class Surroundings:
    """Around each request: the key, a name for it, one log line, the counters. Plain ASGI: it costs microseconds."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app, self._service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or one message of the server's life."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, headers = time.perf_counter(), Headers(scope=scope)
        name = headers.get(REQUEST_ID, "")[:LONGEST_ID]
        scope.setdefault("state", {})["request_id"] = name = name if name.isprintable() and name else uuid.uuid4().hex
        status: list[int | None] = [None]

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
                added = MutableHeaders(scope=message)
                added[REQUEST_ID] = name
                added["x-content-type-options"] = "nosniff"
                if self._service.draining:
                    added["connection"] = "close"
            await send(message)

        try:
            if scope["path"] not in OPEN:
                self._service.keys.check(headers)
            await self._app(scope, receive, sent)
        except Refusal as refusal:
            await _answer(refusal)(scope, receive, sent)
        except Exception as error:
            if status[0] is not None:
                raise  # half of an answer is sent: the connection must break
            await _failed(error, name)(scope, receive, sent)
        finally:
            self._count(scope, status[0] or 0, time.perf_counter() - began, name)

    def _count(self, scope: Scope, status: int, seconds: float, name: str) -> None:
        route = getattr(scope.get("route"), "path", "(none)")  # of the endpoint: a path could hold anything
        self._service.metrics.requests.labels(route, str(status)).inc()
        self._service.metrics.latency.labels(route).observe(seconds)
        examples = scope["state"].get("examples")
        if examples is not None and self._service.monitor is not None:  # predictions alone
            self._service.monitor.timed(seconds)
        log("request", request_id=name, route=route, status=status, ms=round(seconds * 1000, 2), examples=examples)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)  # noqa: S101 - registered for this class
    return _answer(error)


def _failed(error: Exception, request_id: str) -> JSONResponse:
    """Our fault: the log has the kind of error and where, the caller the name of the request; neither has inputs."""
    last: Any = error.__traceback__
    while last and last.tb_next:
        last = last.tb_next
    where = f"{Path(last.tb_frame.f_code.co_filename).name}:{last.tb_lineno}" if last else ""
    log("a request failed", logging.ERROR, request_id=request_id, kind=type(error).__name__, where=where)
    message = "the server failed on this request; its log names the cause under the request's id."
    return _answer(Refusal(500, "failed", message))


def _answer(refusal: Refusal) -> JSONResponse:
    return JSONResponse(refusal.to_dict(), refusal.status, refusal.headers)
