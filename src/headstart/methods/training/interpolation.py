"""Weights between where a training began and where it ended, the place chosen on the validation rows.

Wortsman et al., CVPR 2022, arXiv:2109.01903 (WiSE-FT): along the straight line between a pretrained network and its
fine-tuned self the loss stays low, and is often lowest between the two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headstart.core.training import Model, TrainContext

if TYPE_CHECKING:
    from torch import Tensor


def between(start: Mapping[str, Tensor], end: Mapping[str, Tensor], share: float) -> dict[str, Tensor]:
    """``(1 - share) * start + share * end``, in the same shapes; tensors that are not floating point are the end's."""
    return {
        name: start[name].lerp(value, share) if name in start and value.is_floating_point() else value
        for name, value in end.items()
    }


def best_between(
    model: Model, ctx: TrainContext, start: Mapping[str, Tensor], shares: Sequence[float]
) -> dict[str, Any]:
    """Leave the model at the best of: where it is, and the given shares of the way from ``start`` to the end.

    Args:
        model: At the best point of the training.
        ctx: Holds the end.
        start: As ``ctx.taken`` gave it before the first step, in the shapes that the model has.
        shares: Of the way, 0-1.

    Returns:
        ``share`` (None: the best point itself), the validation loss by share, and whether the weights ``moved``.
    """
    here = ctx.taken(model)
    losses = {"best": ctx.validate(model)}
    chosen, kept = None, here
    for share in shares:
        tensors = between(start, ctx.last, share)
        ctx.put_back(model, tensors)
        losses[f"{share:g}"] = ctx.validate(model)
        if losses[f"{share:g}"] < min(loss for name, loss in losses.items() if name != f"{share:g}"):
            chosen, kept = share, tensors
    ctx.put_back(model, kept)
    return {"share": chosen, "losses": losses, "moved": chosen is not None}
