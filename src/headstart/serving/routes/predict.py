"""``POST /predict``: examples in, rows out."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from headstart.core.schema import InputSchema
from headstart.serving.bodies import body_of
from headstart.serving.documented import OF_A_BODY, SCHEMA, refusals
from headstart.serving.examples import columns_of, is_single
from headstart.serving.models import Model
from headstart.serving.routes.direct import Direct
from headstart.serving.service import Service
from headstart.serving.timing import answered_within

# A red picture of one pixel, and a recording of one sample.
SMALLEST = {
    "image": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC",
    "sound": "UklGRiYAAABXQVZFZm10IBAAAAABAAEAgD4AAAB9AAACABAAZGF0YQIAAAAAAA==",
}
MODEL_HEADER = "X-Model"


def router(service: Service) -> APIRouter:
    """One endpoint for one example and for many."""
    found = APIRouter(tags=["predictions"], route_class=Direct)

    @found.post(
        "/predict",
        summary="Predict one example or several",
        openapi_extra={"requestBody": bodies(service.slots.current)},
        responses=_responses(service.slots.current),
    )
    async def predict(request: Request) -> Response:
        """Send JSON `{"inputs": [...]}`, a form with files, or one input as its own bytes.

        The answer has a row for each example, in order: `id`, `prediction`, probabilities and what else the model says,
        `error` where the example could not be used. Where none could, the status is 422.
        """
        limits = service.config.limits
        model, other = service.slots.pick()
        service.gate().check()
        body = await body_of(request, limits.body_bytes, service.config.timeout_seconds)
        reads = await service.read(body, request.headers.get("content-type", ""), model)
        rows = await answered_within(
            service.config.timeout_seconds, service.answer(reads, model, other, request.state.request_id)
        )
        request.state.examples = len(rows)
        status = 422 if all(row["error"] for row in rows) else 200
        about = {"name": model.name, "version": model.version}
        return JSONResponse({"model": about, "predictions": rows}, status, {MODEL_HEADER: model.version})

    return found


def _responses(model: Model) -> dict[int | str, dict[str, Any]]:
    """Rows with 200, and with 422 where no example could be used; that status is a refusal's too."""
    schema = rows_schema(model)
    of_rows = {"description": "A row for each example.", "content": {"application/json": {"schema": schema}}}
    found = {200: of_rows, **refusals(*OF_A_BODY)}
    found[422]["content"] = {"application/json": {"schema": {"anyOf": [SCHEMA, schema]}}}
    return found


def rows_schema(model: Model) -> dict[str, Any]:
    """JSON schema of an answer."""
    types = {"text": "string", "number": "number", "flag": "boolean"}
    columns = {name: {"type": [types[kind], "null"]} for name, kind in model.answers.columns.items()}
    row = {"id": {"type": "string"}, **columns, "error": {"type": ["string", "null"]}}
    about = {"name": {"type": "string"}, "version": {"type": "string"}}
    return {
        "type": "object",
        "required": ["model", "predictions"],
        "properties": {
            "model": {"type": "object", "properties": about},
            "predictions": {
                "type": "array",
                "items": {"type": "object", "properties": row, "required": ["id", "error"]},
            },
        },
    }


def bodies(model: Model) -> dict[str, Any]:
    """What may be sent, with an example for this model."""
    schema = model.shipped.schema
    json = {
        "schema": {
            "type": "object",
            "required": ["inputs"],
            "properties": {"inputs": {"type": "array", "minItems": 1, "items": {}}},
        },
        "example": {"inputs": [example_value(schema)]},
    }
    content: dict[str, Any] = {"application/json": json}
    if is_single(schema):
        kind = {"image": "image/*", "sound": "audio/*", "text": "text/plain"}[schema.parts[0].modality]
        content[kind] = {"schema": {"type": "string", "format": "binary"}}
    files = {"file": {"type": "array", "items": {"type": "string", "format": "binary"}}}
    fields = files if is_single(schema) else {name: {"type": "string"} for name in columns_of(schema)}
    content["multipart/form-data"] = {"schema": {"type": "object", "properties": fields}}
    return {"required": True, "content": content}


def example_value(schema: InputSchema) -> Any:
    """A value that an example of this model could have."""
    if is_single(schema):
        (part,) = schema.parts
        if part.modality == "text":
            return ["a first text", "a second one"] if len(part.columns) == 2 else "a text"
        return {"data": SMALLEST[part.modality]}
    texts = {name: "a text" for part in schema.parts if part.modality == "text" for name in part.columns}
    files = {part.columns[0]: {"data": SMALLEST[part.modality]} for part in schema.parts if part.modality != "text"}
    plain = {"number": 1.5, "category": "a word", "date": "2026-01-31", "boolean": True}
    return {**texts, **files, **{column.name: plain[column.kind] for column in schema.columns}}
