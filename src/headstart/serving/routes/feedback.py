"""``POST /feedback``: whether an answer was right, and what is right."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field, ValidationError

from headstart.core.config import Config
from headstart.core.learning import TargetKind
from headstart.data.feedback import Feedback, Verdict
from headstart.data.feedback_source import SETS
from headstart.data.number_text import number_in
from headstart.serving.bodies import body_of
from headstart.serving.documented import refusals
from headstart.serving.refusals import Refusal, unusable
from headstart.serving.requests import document_of
from headstart.serving.service import Service

MOST_BYTES = 8192


class Remark(Config):
    """What is sent."""

    request_id: str = Field(max_length=128, description="X-Request-Id of the answer.")
    example: str = Field("0", max_length=256, description="Its id in the answer.")
    verdict: Verdict | None = Field(None, description="right or wrong.")
    label: str | None = Field(None, max_length=256, description="What is right.")


def router(service: Service) -> APIRouter:
    """One endpoint, there whether or not feedback is kept: a caller is told which."""
    found = APIRouter(tags=["feedback"])
    content = {"application/json": {"schema": Remark.model_json_schema()}}

    @found.post(
        "/feedback",
        summary="Say whether an answer was right",
        openapi_extra={"requestBody": {"content": content}},
        responses=refusals(400, 401, 404, 408, 413, 422),
    )
    async def feedback(request: Request) -> dict[str, Any]:
        """Answered once it is on disk. Inputs are kept with it only where the server was told to keep inputs."""
        if service.feedback is None:
            raise Refusal(404, "no_feedback", "this server keeps no feedback; start it with --feedback FILE.")
        remark = _remark(document_of(await body_of(request, MOST_BYTES, service.config.timeout_seconds)))
        said = service.recent.get(remark.request_id, remark.example)
        if said is None:
            raise Refusal(404, "no_answer", "no answer of this request and example is remembered.")
        current = service.slots.current
        if remark.label is not None:
            require_label(remark.label, current.predictor.kind, current.shipped.class_names)
        given = Feedback(remark.request_id, remark.example, said.model, said.version, said.prediction, remark.verdict,
                         remark.label, said.content)  # fmt: skip
        await asyncio.to_thread(service.feedback.add, given)
        if service.monitor is not None:
            service.monitor.told(said.version, said.prediction, remark.verdict, remark.label)
        return {"kept": True}

    return found


def require_label(label: str, kind: TargetKind, names: Sequence[str]) -> None:
    """Raise Refusal 422 for a label that no update could learn from.

    Args:
        label: As it was sent; of sets of labels their names joined by ``|``, "" for none.
        kind: Of the model's targets.
        names: Its classes or labels; empty for numbers.
    """
    if kind == "real":
        if number_in(label) is None:
            raise unusable("a label must be a number, with a point for decimals.")
        return
    parts = [part for part in label.split(SETS) if part] if kind == "multilabel" else [label]
    if label not in names and any(part not in names for part in parts):
        what = "labels of the model, joined by |" if kind == "multilabel" else "one of the model's classes"
        raise unusable(f"a label must be {what}; GET /model lists them.")


def _remark(document: Any) -> Remark:
    try:
        remark = Remark.model_validate(document)
    except ValidationError as error:
        fields = sorted({".".join(map(str, each["loc"])) or "the body" for each in error.errors()})
        raise unusable(
            f"feedback must have request_id, and verdict or label; these are not as they should be: {fields}."
        ) from None
    if remark.verdict is None and remark.label is None:
        raise unusable("feedback must have a verdict (right or wrong) or a label; it has neither.")
    return remark
