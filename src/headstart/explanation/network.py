"""A bundle's networks with their linear head as one differentiable function, and the same with random weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.bundle import Bundle
from headstart.core.errors import BackendError, ConfigError
from headstart.core.learning import TargetKind
from headstart.explanation.model import direction

if TYPE_CHECKING:
    from torch import Tensor

    from headstart.backbones.pretrained.backbone import Backbone


@dataclass(frozen=True)
class Network:
    """Features of one network and a linear head on them; margins of several networks side by side add up.

    Attributes:
        backbone: In eval mode.
        weight: ``(W, D)`` of the head, on raw features of this network.
        column, kind: Which output is explained.
        number: Of the predictor's pass over what this network sees.
    """

    backbone: Backbone
    weight: NDArray[np.floating[Any]]
    column: int
    kind: TargetKind
    number: int = 0

    def margin(self, features: Tensor) -> Tensor:
        """``(n,)`` of features ``(n, D)``, up to the intercept: the derivative of a linear head is its weight."""
        import torch

        return features @ torch.from_numpy(direction(self.weight, self.column, self.kind)).to(features.dtype)

    def features(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        """``(n, D)`` of prepared inputs ``(n, ...)``, in a batch as large as they are.

        A runtime fills its batch, since a row's bits must not depend on the rows beside it, so that one picture costs
        as much as 32 there. Here it costs one, and what is checked is the function whose gradients are taken.
        """
        import torch

        with torch.no_grad():
            return np.asarray(self.backbone(torch.from_numpy(np.array(prepared))).numpy(), np.float32)

    def with_random_weights(self, seed: int) -> Network:
        """The architecture as it is before any training, under a head of random weights of the same spread."""
        from headstart.backbones.pretrained.backbone import Backbone
        from headstart.backbones.pretrained.family import family

        card = self.backbone.card
        drawn = family(card.family).build_random(card, seed)
        weight = random_weights(self.weight, np.random.default_rng(seed))
        return replace(self, backbone=Backbone(card, drawn, self.backbone.assets).eval(), weight=weight)


def random_weights(weight: NDArray[np.floating[Any]], rng: np.random.Generator) -> NDArray[np.float32]:
    """``(W, D)`` drawn anew, each feature's as large as they were: their root mean square over the outputs."""
    size = np.sqrt(np.mean(np.square(np.asarray(weight, np.float64)), axis=0))
    return np.asarray(rng.normal(0.0, 1.0, weight.shape) * size, np.float32)


def why_not_differentiable(shipped: Bundle) -> str | None:
    """Why gradients of a bundle's answer by its input cannot be taken exactly; None where they can."""
    manifest = shipped.manifest
    kinds = {source.kind for source in manifest.sources}
    if kinds != {"network"} or len(shipped.schema.parts) != 1 or shipped.schema.columns:
        names = "+".join(source.name for source in manifest.sources) or "nothing"
        return f"its features come from {names}, not from networks over one input alone"
    if manifest.method.get("form") != "linear":
        return f"its head ({manifest.method.get('method')}) is not linear"
    return None


def networks_of(shipped: Bundle, column: int) -> tuple[Network, ...]:
    """The networks of a bundle, in the order of its passes: one, or the members of an ensemble.

    Raises:
        ConfigError: its features or its head are of another kind, or torch cannot be imported.
    """
    if reason := why_not_differentiable(shipped):
        raise ConfigError(f"gradients need networks under a linear head; {reason}. Use --method occlusion.")
    from headstart.bundle.torch_backbone import rebuild

    records = [shipped.manifest.networks[source.name] for source in shipped.manifest.sources]
    try:
        backbones = [rebuild(shipped.folder, record) for record in records]
    except BackendError as error:
        raise ConfigError(
            f"explaining by gradients needs torch and the network's library ({error}). "
            "Install them, or use --method occlusion, which runs the bundle's graph alone."
        ) from error
    for parameter in (each for backbone in backbones for each in backbone.parameters()):
        parameter.requires_grad_(False)  # gradients go to inputs alone
    ends = np.cumsum([record.backbone.feature_dim for record in records])
    weights = np.split(shipped.fitted().arrays["weight"], ends[:-1], axis=1)
    return tuple(
        Network(backbone, weight, column, shipped.task().kind, number)
        for number, (backbone, weight) in enumerate(zip(backbones, weights, strict=True))
    )
