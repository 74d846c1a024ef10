"""A bound on how long an answer may take."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from headstart.serving.refusals import Refusal

T = TypeVar("T")


async def answered_within(seconds: float, awaited: Awaitable[T]) -> T:
    """The answer; raises Refusal 503 where it takes longer, and what was under way is given up."""
    try:
        async with asyncio.timeout(seconds):
            return await awaited
    except TimeoutError:
        raise Refusal(503, "timeout", f"no answer within {seconds:g} seconds; send fewer examples.", 1) from None
