"""A backbone with a linear head: what is trained, and what of it is frozen.

Frozen means: parameters without gradient, buffers as they are, dropout and BatchNorm in eval mode. Statistics of
BatchNorm stay those of the pretraining in the trained part too unless a method says otherwise: on a few hundred
examples statistics of small batches cost more than they adapt.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from headstart.backbones.pretrained.backbone import Backbone
from headstart.backbones.pretrained.stage import named_tensors
from headstart.core.training import Batch, UnlabeledBatch


class TrainableModel(nn.Module):
    """See ``core.training.Model``; takes ownership of ``backbone`` and changes it.

    Args:
        backbone: A copy of its own.
        width: Outputs.
        boundary: ``stages[:boundary]`` are frozen.
        dropout: Before the head.
        batch_statistics: Whether BatchNorm layers of the trained part use, and move, statistics of batches.
        channels_last: Layout of maps.
    """

    def __init__(
        self,
        backbone: Backbone,
        width: int,
        boundary: int,
        *,
        dropout: float = 0.0,
        batch_statistics: bool = False,
        channels_last: bool = False,
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.feature_dim, width)
        self.dropout = nn.Dropout(dropout)
        self.boundary = boundary
        self.batch_statistics = batch_statistics
        self.channels_last = channels_last
        if channels_last:
            self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # stubs know tensors only

    def features(self, batch: Batch | UnlabeledBatch) -> Tensor:
        """Pooled features ``(B, D)``."""
        boundary = self.backbone.unpack(batch.values, batch.start)
        return self.backbone.run(boundary, batch.start, len(self.backbone.stages)).values

    def outputs(self, features: Tensor) -> Tensor:
        """Outputs ``(B, W)`` of pooled features."""
        outputs: Tensor = self.head(self.dropout(features))
        return outputs

    def forward(self, batch: Batch | UnlabeledBatch) -> Tensor:
        """Outputs ``(B, W)``."""
        return self.outputs(self.features(batch))

    @property
    def device(self) -> torch.device:
        """Where it lies."""
        return self.head.weight.device

    def freeze_below(self, boundary: int) -> None:
        """Freeze ``stages[:boundary]`` and let everything else be trained."""
        self.boundary = boundary
        for parameter in self.parameters():
            parameter.requires_grad_(True)
        for parameter in self.backbone.parameters_of(0, boundary):
            parameter.requires_grad_(False)

    def train_mode(self) -> None:
        """Training mode for what is trained, eval mode for all else."""
        self.eval()
        self.dropout.train()
        for module in self.trained_modules():
            module.train()
        if not self.batch_statistics:
            for module in self.modules():
                if isinstance(module, _BatchNorm):
                    module.eval()

    def trained_modules(self) -> Iterator[nn.Module]:
        """The modules that the trained stages own."""
        network = self.backbone.network
        for stage in self.backbone.stage_list[self.boundary :]:
            for name in stage.owns:
                try:
                    yield network.get_submodule(name)
                except AttributeError:  # a parameter or buffer, or a module that this network does not have
                    continue

    def trained_tensors(self) -> dict[str, Tensor]:
        """Parameters with a gradient, and buffers of the trained part, by name."""
        network = self.backbone.network
        within = named_tensors(network)
        owned = (stage.tensors(network, within) for stage in self.backbone.stage_list[: self.boundary])
        frozen = {id(value) for stage in owned for _, value in stage}
        named = [*self.named_parameters(), *self.named_buffers()]
        return {
            name: value
            for name, value in named
            if id(value) not in frozen and (value.requires_grad or not isinstance(value, nn.Parameter))
        }
