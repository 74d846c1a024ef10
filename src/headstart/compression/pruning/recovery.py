"""A reader solved again: what it gave of all units, from those that are left, by ridge least squares.

He, Zhang & Sun, ICCV 2017, arXiv:1707.06168; of heads and neurons Kwon et al., NeurIPS 2022, arXiv:2204.09656.
"""

from __future__ import annotations

import torch
from torch import Tensor

RIDGE = 1e-3  # of the mean square of a column
NOTHING = 1e-30  # so that columns of zeros can be solved


def solved_again(inputs: Tensor, wanted: Tensor, kept: Tensor, weight: Tensor, ridge: float = RIDGE) -> Tensor:
    r"""``(out, columns)`` weights that are 0 but for the columns that are kept.

    .. math:: \min_W \lVert X W^\top - Y \rVert^2 + \lambda \lVert W - W^0 \rVert^2

    The penalty pulls to the weights that were there, so that what inputs do not tell stays.

    Args:
        inputs: ``(rows, columns)`` X, as the reader sees them now.
        wanted: ``(rows, out)`` Y without its bias, as the whole network gave it.
        kept: ``(columns,)`` bool.
        weight: ``(out, columns)`` W^0.
        ridge: ``\lambda`` per row and mean square of a kept column.
    """
    x, y, start = inputs[:, kept].double(), wanted.double(), weight[:, kept].double()
    gram = x.T @ x
    penalty = ridge * gram.diagonal().mean() + NOTHING
    gram.diagonal().add_(penalty)
    change = torch.linalg.solve(gram, x.T @ (y - x @ start.T)) if bool(kept.any()) else start.T
    found = torch.zeros_like(weight)
    found[:, kept] = (start + change.T).to(weight.dtype)
    return found
