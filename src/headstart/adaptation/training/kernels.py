"""How far two sets of rows lie apart in the space of a kernel.

Gretton et al., JMLR 13, 2012: the maximum mean discrepancy. With several kernels at once: Long et al., ICML 2015,
arXiv:1502.02791; of features together with what is predicted from them: Long et al., ICML 2017, arXiv:1605.06636.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

FACTORS = (0.125, 0.25, 0.5, 1.0, 2.0)  # on the mean squared distance, as in the papers' code


def gaussian_kernels(rows: Tensor, factors: Sequence[float] = FACTORS) -> Tensor:
    r"""Mean of Gaussian kernels whose widths follow the rows' own distances.

    .. math:: k(x, y) = \frac{1}{|F|} \sum_{f \in F} \exp\left(-\frac{\lVert x - y \rVert^2}{2 f \bar d}\right)

    Args:
        rows: ``(N, D)``; the mean squared distance of two different rows is taken as a constant.
        factors: F.

    Returns:
        ``(N, N)``, 0 to 1; 1 on the diagonal, and everywhere where all rows are the same.
    """
    squares = rows.square().sum(1)
    distances = (squares[:, None] + squares[None, :] - 2 * rows @ rows.T).clamp_min(0.0)
    distances = distances - distances.diag().diag()  # rounding leaves a little there
    count = len(rows)
    mean = distances.detach().sum() / max(1, count * (count - 1))
    scaled = distances / mean.clamp_min(1e-12)
    total = sum((-scaled / (2 * factor)).exp() for factor in factors)
    return total / len(factors)  # type: ignore[return-value]  # a sum of tensors is one


def maximum_mean_discrepancy(kernel: Tensor, count: int) -> Tensor:
    """Squared distance of the means of the first ``count`` rows and of the others; may be a little below 0.

    The estimate without bias: a row is not compared with itself.

    Args:
        kernel: ``(N, N)`` of all rows.
        count: Rows of the first set.
    """
    ours, theirs, across = kernel[:count, :count], kernel[count:, count:], kernel[:count, count:]
    return _apart(ours) + _apart(theirs) - 2 * across.mean()


def _apart(kernel: Tensor) -> Tensor:
    """Mean over pairs of different rows; 0 of one row."""
    count = len(kernel)
    return (kernel.sum() - kernel.diag().sum()) / max(1, count * (count - 1))
