"""Which positions attend to which, as terms that are added to attention scores: 0 where they do, else the lowest.

The library leaves the mask out when a batch has no padding; here it is always given, so that a row's bits cannot
depend on the rows beside it. Adding 0 changes no bit.
"""

from __future__ import annotations

import torch
from torch import Tensor

from headstart.core.boundary import Boundary


def tokens_there(boundary: Boundary) -> Tensor:
    """``(B, T)`` bool: where there is a token; everywhere, where nothing was said to be padded."""
    if boundary.mask is not None:
        return boundary.mask
    return torch.ones(boundary.values.shape[:2], dtype=torch.bool, device=boundary.values.device)


def key_terms(boundary: Boundary) -> Tensor:
    """``(B, 1, 1, T)`` float32: every position attends to every token."""
    return _terms(tokens_there(boundary)[:, None, None, :])


def causal_terms(boundary: Boundary, window: int | None = None) -> Tensor:
    """``(B, 1, T, T)`` float32: a position attends to tokens up to itself, the last ``window`` ones alone.

    Every position also attends to itself: a padded one could have nothing else within the window, and a row of
    softmax over nothing is NaN in short precisions.
    """
    length = boundary.values.shape[1]
    position = torch.arange(length, device=boundary.values.device)
    before = position[:, None] - position[None, :]  # (T, T), how far a key lies before a query
    near = before >= 0
    if window is not None:
        near = near & (before < window)
    return _terms((near[None, None] & tokens_there(boundary)[:, None, None, :]) | (before == 0)[None, None])


def _terms(attended: Tensor) -> Tensor:
    zeros = torch.zeros(attended.shape, dtype=torch.float32, device=attended.device)
    return zeros.masked_fill(~attended, torch.finfo(torch.float32).min)
