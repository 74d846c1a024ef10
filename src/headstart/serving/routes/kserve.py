"""The Open Inference Protocol (KServe v2) over HTTP, so that clients that exist work.

Inputs are tensors. Where an example is one input, its tensor is called "input", BYTES of shape [n]: texts as they are,
pictures and recordings as base64. Where it has columns, a tensor of shape [n] for each, by the column's name.
https://github.com/kserve/open-inference-protocol
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

import headstart
from headstart.serving.bodies import body_of
from headstart.serving.documented import OF_A_BODY, refusals
from headstart.serving.examples import columns_of, is_single
from headstart.serving.models import Model, Row
from headstart.serving.refusals import Refusal, malformed, unusable
from headstart.serving.requests import document_of, values_to_reads
from headstart.serving.service import Service
from headstart.serving.timing import answered_within

INPUT = "input"
DATATYPES = {"number": "FP64", "text": "BYTES", "flag": "BOOL"}
COLUMN_TYPES = {"number": "FP64", "boolean": "BOOL"}
ACCEPTED = frozenset(
    ("BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BYTES")
)


def router(service: Service) -> APIRouter:
    """Live, ready, metadata, infer."""
    found = APIRouter(prefix="/v2", tags=["KServe v2"])

    @found.get("", summary="The server")
    async def server() -> dict[str, Any]:
        return {"name": "headstart", "version": headstart.__version__, "extensions": []}

    @found.get("/health/live", summary="Whether the process is alive")
    async def live() -> dict[str, bool]:
        return {"live": True}

    @found.get(
        "/health/ready", summary="Whether requests should be sent here", responses={503: {"description": "Not now"}}
    )
    async def ready() -> Response:
        is_ready = service.batcher is not None and not service.draining
        return JSONResponse({"ready": is_ready}, 200 if is_ready else 503)

    @found.get("/models/{name}", summary="A model's tensors", responses=refusals(401, 404))
    async def metadata(name: str) -> dict[str, Any]:
        return _metadata(_named(service, name))

    @found.get("/models/{name}/ready", summary="Whether a model answers", responses=refusals(401, 404))
    async def model_ready(name: str) -> dict[str, Any]:
        return {"name": _named(service, name).name, "ready": True}

    @found.post(
        "/models/{name}/infer",
        summary="Predict",
        openapi_extra={"requestBody": _BODY},
        responses=refusals(*OF_A_BODY, 404),
    )
    async def infer(name: str, request: Request) -> Response:
        _named(service, name)
        model, other = service.slots.pick()
        service.gate().check()
        body = await body_of(request, service.config.limits.body_bytes, service.config.timeout_seconds)
        document = document_of(body)
        values = values_of(document, model)
        reads = values_to_reads(values, model.shipped.schema, service.config.limits.examples, service.fetch)
        rows = await answered_within(
            service.config.timeout_seconds, service.answer(reads, model, other, request.state.request_id)
        )
        request.state.examples = len(rows)
        if bad := [row for row in rows if row["error"]]:
            raise unusable(f"all inputs must be readable; {len(bad)} of {len(rows)} are not: {bad[0]['error']}.")
        answer = {"model_name": model.name, "model_version": model.version, "outputs": _outputs(rows, model)}
        given = document.get("id")
        return JSONResponse({**answer, "id": given} if isinstance(given, str) else answer)

    return found


def values_of(document: Any, model: Model) -> list[Any]:
    """JSON values of examples from tensors; raises Refusal."""
    tensors = document.get("inputs") if isinstance(document, Mapping) else None
    if not isinstance(tensors, list) or not tensors:
        raise unusable("the body must hold a list of input tensors; it holds none.")
    by_name = dict(_tensor(each) for each in tensors)
    schema = model.shipped.schema
    names = [INPUT] if is_single(schema) and len(schema.parts[0].columns) < 2 else columns_of(schema)
    if len(names) == 1 and len(by_name) == 1:  # the only one may be called as the client likes
        return list(by_name.values())[0]
    if lacking := [name for name in names if name not in by_name]:
        raise unusable(f"there must be a tensor for each of {names}; {lacking} are missing.")
    columns = [by_name[name] for name in names]
    if len({len(column) for column in columns}) > 1:
        raise unusable("all tensors must be of one length.")
    return [dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True)]


def _tensor(tensor: Any) -> tuple[str, list[Any]]:
    if not isinstance(tensor, Mapping) or not isinstance(tensor.get("name"), str):
        raise malformed("a tensor must be an object with name, datatype, shape and data.")
    data, shape = tensor.get("data"), tensor.get("shape")
    kind = tensor.get("datatype")
    if not (isinstance(kind, str) and kind in ACCEPTED and isinstance(data, list) and isinstance(shape, list)):
        raise malformed("a tensor must have a datatype of the protocol, a shape, and data as a JSON list.")
    data = [value for row in data for value in (row if isinstance(row, list) else [row])]  # [n, 1] may come nested
    if not all(isinstance(side, int) for side in shape) or shape[0:1] != [len(data)] or any(s != 1 for s in shape[1:]):
        raise malformed("a tensor's shape must be [n] or [n, 1] with n the length of its data.")
    return tensor["name"], data


def _named(service: Service, name: str) -> Model:
    model = service.slots.current
    if name != model.name:
        raise Refusal(404, "no_model", "there is no model of this name; GET /model says what is served.")
    return model


def _outputs(rows: Sequence[Row], model: Model) -> list[dict[str, Any]]:
    """A tensor of shape [n] for each column; numbers that are not there are left out as a whole tensor."""
    found = []
    for name, kind in model.answers.columns.items():
        data = [row[name] for row in rows]
        if all(value is not None for value in data):
            found.append({"name": name, "datatype": DATATYPES[kind], "shape": [len(rows)], "data": data})
    return found


def _metadata(model: Model) -> dict[str, Any]:
    schema = model.shipped.schema
    if is_single(schema) and len(schema.parts[0].columns) < 2:
        inputs = [{"name": INPUT, "datatype": "BYTES", "shape": [-1]}]
    else:
        kinds = {column.name: COLUMN_TYPES.get(column.kind, "BYTES") for column in schema.columns}
        inputs = [{"name": name, "datatype": kinds.get(name, "BYTES"), "shape": [-1]} for name in columns_of(schema)]
    outputs = [
        {"name": name, "datatype": DATATYPES[kind], "shape": [-1]} for name, kind in model.answers.columns.items()
    ]
    about = {"name": model.name, "versions": [model.version], "platform": "headstart"}
    return {**about, "inputs": inputs, "outputs": outputs}


_TENSOR = {
    "type": "object",
    "required": ["name", "datatype", "shape", "data"],
    "properties": {
        "name": {"type": "string"},
        "datatype": {"enum": sorted(ACCEPTED)},
        "shape": {"type": "array", "items": {"type": "integer"}},
        "data": {"type": "array"},
    },
}
_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["inputs"],
                "properties": {"id": {"type": "string"}, "inputs": {"type": "array", "items": _TENSOR}},
            }
        }
    },
}
