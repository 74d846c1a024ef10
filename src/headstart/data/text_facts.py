"""What can be measured of a prepared text without any network: how many tokens, and how many the tokenizer lacks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError

VERSION = 1  # raised when the same tokens would give other facts
NAMES = ("tokens", "unknown", "room")


def facts(prepared: NDArray[np.int32], unknown: int | None, max_tokens: int) -> NDArray[np.float32]:
    """``(B, 3)`` float32 of ``(B, T, 2)`` tokens and segments, negative where padded.

    Args:
        prepared: As ``data.text_prepare`` makes them.
        unknown: The token that stands for what the tokenizer has none for; None where it has no such token.
        max_tokens: Most that are read.

    Returns:
        "tokens", special ones included; "unknown", the share of them that are the unknown token; "room", how many more
        would have been read: 0 where the text was cut off, or just fitted.
    """
    if prepared.ndim != 3 or prepared.shape[2] != 2:
        raise ShapeError(f"prepared texts must have shape (B, T, 2); got {prepared.shape}.")
    is_token = prepared[..., 0] >= 0
    tokens = is_token.sum(axis=1)
    lacking = (prepared[..., 0] == unknown).sum(axis=1) if unknown is not None else np.zeros(len(prepared))
    columns = [tokens, lacking / np.maximum(tokens, 1), max_tokens - tokens]
    return np.stack(columns, axis=1).astype(np.float32)
