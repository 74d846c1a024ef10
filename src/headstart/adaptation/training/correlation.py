"""How much the covariances of two sets of rows differ.

Sun & Saenko, ECCV workshops 2016, arXiv:1607.01719.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def coral_loss(source: Tensor, target: Tensor) -> Tensor:
    r"""Squared distance of the covariances.

    .. math:: \frac{1}{4 D^2} \lVert C_S - C_T \rVert_F^2

    Args:
        source: ``(n, D)``.
        target: ``(m, D)``.

    Returns:
        Scalar >= 0; a single row has a covariance of 0.
    """
    difference = _covariance(source) - _covariance(target)
    return difference.square().sum() / (4 * source.shape[1] ** 2)


def _covariance(rows: Tensor) -> Tensor:
    centred = rows - rows.mean(0)
    return centred.T @ centred / max(1, len(rows) - 1)
