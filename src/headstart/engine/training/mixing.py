"""Examples mixed with each other: mixup and cutmix of raw views, mixup of activations at the boundary.

Mixup: Zhang, Cisse, Dauphin & Lopez-Paz, ICLR 2018, arXiv:1710.09412. CutMix: Yun et al., ICCV 2019,
arXiv:1905.04899. Manifold mixup: Verma et al., ICML 2019, arXiv:1806.05236; here at the boundary alone, since what
lies below is kept and not computed again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from headstart.core.errors import ConfigError
from headstart.core.learning import TargetKind
from headstart.core.training import Batch


def wants_raw_views(settings: Any) -> bool:
    """Whether pixels are mixed, which kept activations do not allow."""
    return bool(settings.mixup or settings.cutmix)


def require_mixable(settings: Any, modality: str, boundary: int) -> None:
    """Raise ConfigError where what is asked for cannot be mixed."""
    if wants_raw_views(settings) and modality != "image":
        raise ConfigError(
            f"mixup and cutmix mix the pixels of pictures; these inputs are of kind {modality!r}. "
            "Leave them out; of recordings of one length, manifold_mixup mixes activations."
        )
    if settings.manifold_mixup and modality == "text":
        raise ConfigError(
            "manifold_mixup mixes activations of equal shape; texts have different lengths. Leave it out."
        )
    if settings.manifold_mixup and boundary == 0:
        raise ConfigError(
            "manifold_mixup mixes activations at the boundary; nothing is frozen, so there is none. "
            "Freeze a stage, or use mixup."
        )


def mixed(batch: Batch, settings: Any, kind: TargetKind, width: int, rng: np.random.Generator) -> Batch:
    """The batch, each row mixed with another one of it as the settings say."""
    alpha = settings.manifold_mixup or settings.mixup or settings.cutmix
    if not alpha or len(batch.rows) < 2:
        return batch
    is_cut = bool(settings.cutmix) and (not settings.mixup or rng.random() < 0.5)
    if is_cut and settings.cutmix:
        alpha = settings.cutmix
    share = float(rng.beta(alpha, alpha))
    others = torch.from_numpy(rng.permutation(len(batch.rows))).to(batch.values.device)
    if is_cut and not settings.manifold_mixup:
        values, share = _pasted(batch.values, others, share, rng)
    else:
        values = _blended(batch.values, batch.values[others], share)
    targets = _soft(batch.targets, kind, width)
    weights = batch.weights
    if weights is not None:
        weights = share * weights + (1 - share) * weights[others]
    return replace(batch, values=values, targets=share * targets + (1 - share) * targets[others], weights=weights)


def _blended(values: Tensor, others: Tensor, share: float) -> Tensor:
    if values.is_floating_point():
        return share * values + (1 - share) * others
    return (share * values.float() + (1 - share) * others.float()).round().to(values.dtype)


def _pasted(values: Tensor, others: Tensor, share: float, rng: np.random.Generator) -> tuple[Tensor, float]:
    """A box of another picture ``(B, H, W, 3)``, and the share of the own one that is left."""
    height, width = values.shape[1], values.shape[2]
    side = (1 - share) ** 0.5
    box_height, box_width = int(height * side), int(width * side)
    middle_y, middle_x = int(rng.integers(height)), int(rng.integers(width))
    top, bottom = (int(np.clip(middle_y + each, 0, height)) for each in (-(box_height // 2), box_height // 2))
    left, right = (int(np.clip(middle_x + each, 0, width)) for each in (-(box_width // 2), box_width // 2))
    out = values.clone()
    out[:, top:bottom, left:right] = values[others][:, top:bottom, left:right]
    return out, 1 - (bottom - top) * (right - left) / (height * width)


def _soft(targets: Tensor, kind: TargetKind, width: int) -> Tensor:
    if kind in ("class", "ordinal"):
        return functional.one_hot(targets, width).float()
    return targets
