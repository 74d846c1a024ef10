"""How much two classifiers disagree about rows without labels.

The margin disparity discrepancy: Zhang, Liu, Long & Jordan, ICML 2019, arXiv:1904.05801. The distance of two
classifiers' probabilities: Saito, Watanabe, Ushiku & Harada, CVPR 2018, arXiv:1712.02560.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

LEAST = 1e-6  # probability of another class, whose logarithm must be finite


def margin_disparity(own: Tensor, other: Tensor, own_target: Tensor, other_target: Tensor, margin: float) -> Tensor:
    r"""What the adversary minimises: to agree with the classifier at home and to disagree in the target domain.

    .. math:: -\gamma\, E_S \log \sigma_{h(x)}(f'(x)) - E_T \log\left(1 - \sigma_{h(x)}(f'(x))\right)

    Args:
        own: ``(n, K)`` logits of the classifier, whose most probable class is h; constants.
        other: ``(n, K)`` of the adversary f'.
        own_target: ``(m, K)`` of target rows, the classifier.
        other_target: ``(m, K)`` of target rows, the adversary.
        margin: The paper's gamma, above 0.

    Returns:
        Scalar >= 0.
    """
    from torch.nn.functional import cross_entropy

    at_home = cross_entropy(other, own.argmax(1))
    p = other_target.softmax(1).gather(1, own_target.argmax(1, keepdim=True))[:, 0]
    return margin * at_home - (1 - p).clamp_min(LEAST).log().mean()


def classifier_discrepancy(one: Tensor, other: Tensor) -> Tensor:
    """Mean absolute difference of the probabilities that ``(B, K)`` logits stand for: 0 to ``2 / K``."""
    return (one.softmax(1) - other.softmax(1)).abs().mean()
