"""What the OpenAPI document says of answers that are refusals."""

from __future__ import annotations

from typing import Any

WHY = {
    400: "The request cannot be read as what it says it is.",
    401: "No known key came.",
    404: "There is no such thing here; the code says what.",
    408: "The request did not arrive in time.",
    413: "More than the limits allow.",
    415: "Of no media type that is understood.",
    422: "It can be read, and does not fit the model or the server's settings.",
    429: "More waits than can be answered soon; Retry-After says when to come again.",
    503: "The server starts, stops, or took too long.",
}
ERROR = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
}
SCHEMA = {"type": "object", "required": ["error"], "properties": {"error": ERROR}}
OF_A_BODY = (400, 401, 408, 413, 415, 422, 429, 503)


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For ``responses`` of an endpoint."""
    return {
        status: {"description": WHY[status], "content": {"application/json": {"schema": SCHEMA}}} for status in statuses
    }
