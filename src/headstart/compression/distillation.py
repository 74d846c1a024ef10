"""What a smaller network is taught by a larger one: its features, how its rows lie to each other, its answers.

Features through a linear map: Romero et al. (FitNets), ICLR 2015, arXiv:1412.6550. Distances between rows: Park, Kim,
Lu & Cho (RKD), CVPR 2019, arXiv:1904.05068. Answers at a temperature: Hinton, Vinyals & Dean, 2015, arXiv:1503.02531.
All are computed in float32 on batches, and none of them needs a label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from headstart.core.learning import TargetKind

LEAST_SPREAD = 1e-6
RIDGE = 0.1  # penalty a row of the map that a training begins with, on standardised features


def feature_loss(mapped: Tensor, told: Tensor) -> Tensor:
    """Mean squared error of ``(B, D)`` mapped features, in the teacher's standardised units: 1 says nothing of it."""
    return (mapped - told).square().mean()


def distance_loss(student: Tensor, teacher: Tensor) -> Tensor:
    r"""RKD's loss of distances: those between the rows of a batch, each as a multiple of their mean, are to be alike.

    .. math:: \frac{1}{B (B - 1)} \sum_{i \ne j} h\left(\frac{d_{ij}}{\bar d} - \frac{t_{ij}}{\bar t}\right)

    with Huber's :math:`h(x) = x^2 / 2` up to 1 and :math:`|x| - 1/2` beyond, as in the paper.

    Args:
        student: ``(B, C)`` features.
        teacher: ``(B, D)``; widths may differ.

    Returns:
        Scalar >= 0; 0 for fewer than two rows, and the same for features that are scaled.
    """
    import torch
    from torch.nn.functional import smooth_l1_loss

    if len(student) < 2:
        return student.sum() * 0.0
    with torch.no_grad():
        wanted = _relative_distances(teacher)
    return smooth_l1_loss(_relative_distances(student), wanted)


def answer_loss(outputs: Tensor, told: Tensor, kind: TargetKind, temperature: float) -> Tensor:
    """How far outputs are from the teacher's, ``(B, W)`` both, in units in which a gradient does not hang on T.

    Args:
        outputs: Logits, or numbers in standardised units.
        told: The teacher's of the same rows.
        kind: Classes and grades: T^2 times the divergence of the softened probabilities, as in the paper; labels: the
            same of each, summed; "real": the squared difference.
        temperature: T, above 0.
    """
    import torch
    from torch.nn.functional import kl_div, log_softmax, logsigmoid

    if kind == "real":
        return (outputs - told).square().mean()
    soft, wanted = outputs / temperature, told / temperature
    if kind == "multilabel":
        sides = [(logsigmoid(sign * soft), logsigmoid(sign * wanted)) for sign in (1, -1)]
        found = sum((kl_div(ours, theirs, reduction="none", log_target=True) for ours, theirs in sides), torch.zeros(1))
        return temperature**2 * found.sum(1).mean()
    found = kl_div(log_softmax(soft, 1), log_softmax(wanted, 1), reduction="batchmean", log_target=True)
    return temperature**2 * found


def linear_map(student: Tensor, teacher: Tensor, ridge: float = RIDGE) -> tuple[Tensor, Tensor]:
    """The linear map that tells the teacher's features from the student's best: ridge regression, solved.

    Args:
        student: ``(n, C)``.
        teacher: ``(n, D)``.
        ridge: Penalty of squared weights a row, on standardised features of the student; above 0.

    Returns:
        Weight ``(D, C)`` and bias ``(D,)`` float32, on the student's raw features.
    """
    import torch

    ours, theirs = student.double(), teacher.double()
    mean, spread = standards(ours)
    scaled = (ours - mean) / spread
    gram = scaled.T @ scaled + ridge * len(scaled) * torch.eye(scaled.shape[1], dtype=scaled.dtype)
    centre = theirs.mean(0)
    weight = torch.linalg.solve(gram, scaled.T @ (theirs - centre)).T / spread
    return weight.float(), (centre - weight @ mean).float()


def standards(features: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation ``(D,)`` of ``(n, D)``; 1 where nothing differs."""
    import torch

    spread = features.std(0, correction=0)
    return features.mean(0), torch.where(spread > LEAST_SPREAD, spread, torch.ones_like(spread))


def _relative_distances(features: Tensor) -> Tensor:
    """``(B (B - 1),)`` distances of different rows, divided by their mean."""
    import torch

    count = len(features)
    squared = (features[:, None] - features[None]).square().sum(2)
    apart = squared[~torch.eye(count, dtype=torch.bool, device=features.device)]
    found = apart.clamp_min(1e-12).sqrt()
    return found / found.mean().clamp_min(1e-12)
