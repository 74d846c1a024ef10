"""A request's body, read whole within a size and a time."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request

from headstart.serving.refusals import Refusal, malformed, too_large


async def body_of(request: Request, most_bytes: int, seconds: float) -> bytes:
    """All of it.

    Raises:
        Refusal: 413, more bytes; 408, it took longer; 400, the caller went away.
    """
    stated = request.headers.get("content-length", "0")
    if stated.isdigit() and int(stated) > most_bytes:
        raise _too_large(most_bytes)
    pieces, size = [], 0
    try:
        async with asyncio.timeout(seconds):
            async for piece in request.stream():
                size += len(piece)
                if size > most_bytes:
                    raise _too_large(most_bytes)
                pieces.append(piece)
    except TimeoutError:
        raise Refusal(408, "slow", f"a request must arrive within {seconds:g} seconds.") from None
    except ClientDisconnect:
        raise malformed("the connection ended before the request did.") from None
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _too_large(most_bytes: int) -> Refusal:
    return too_large(f"a request may have at most {most_bytes:,} bytes; this one has more.")
