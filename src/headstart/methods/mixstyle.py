"""MixStyle: LP-FT in which examples lend each other the means and spreads of their channels, as new styles.

Zhou, Yang, Qiao & Xiang, ICLR 2021, arXiv:2104.02008: what early channels have as mean and spread over a picture says
how it was taken (light, camera, room) more than what it shows. Mixed with those of another example, they make domains
that nobody has collected. With lambda from Beta(alpha, alpha), and statistics taken as constants,

    x' = (lambda s + (1 - lambda) s') (x - m) / s + lambda m + (1 - lambda) m'

Where domains are named (``fit --domains``) the other example is one of another domain, else any ("random shuffle" in
the paper). It is drawn for each example by itself, where the paper permutes the batch. Below the first trained stage
nothing can be mixed, since its activations are kept: so it is at the first boundaries from there on that hold maps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field

from headstart.core.boundary import Boundary
from headstart.core.learning import Ints
from headstart.core.plugins import Plugin
from headstart.core.search import Choice, Space
from headstart.core.training import Batch, Model, Objective, StepLoss, TrainContext
from headstart.methods.lp_ft import LpFt, LpFtConfig

if TYPE_CHECKING:
    from torch import Tensor

EPSILON = 1e-6  # of a channel that does not vary, as in the paper's code


class MixStyleConfig(LpFtConfig):
    """As in the paper."""

    space: ClassVar[Space] = {**LpFtConfig.space, "alpha": Choice((0.1, 0.3))}

    alpha: float = Field(0.1, gt=0, description="Of the Beta distribution of shares; small: mostly the one or other.")
    chance: float = Field(0.5, ge=0, le=1, description="That a batch is mixed, drawn for each place.")
    places: int = Field(2, ge=1, description="Between how many stages, the first that hold maps.")


class MixStyle(LpFt):
    """Mixes what flows from stage to stage in a step."""

    def prepare(self, model: Model, ctx: TrainContext) -> None:
        """Find where there are maps; raises ConfigError where there are none."""
        from headstart.backbones.pretrained.maps import channel_axis, require_maps

        super().prepare(model, ctx)
        self.places = require_maps(model.backbone, "mixstyle", model.boundary)[: self.config.places]
        self.channels = channel_axis(model.backbone)
        self.seed, self.domains, self.steps = ctx.seed, ctx.domains, 0

    def on_step_end(self, model: Model, ctx: TrainContext) -> None:
        """Another step draws anew."""
        self.steps += 1

    def state(self) -> dict[str, Tensor]:
        """How many steps were made, a scalar."""
        import torch

        return {"steps": torch.tensor(self.steps)}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Take the scalar back."""
        self.steps = int(state["steps"])

    def step(self, model: Model, batch: Batch, objective: Objective, phase: int) -> StepLoss:
        """The task's loss of examples in mixed styles."""
        backbone = model.backbone
        rng = np.random.default_rng([self.seed % 2**32, self.steps, int(batch.rows.min())])
        flow = backbone.unpack(batch.values, batch.start)
        for number in range(batch.start, len(backbone.stages)):
            if number in self.places and len(batch.rows) > 1 and rng.random() < self.config.chance:
                flow = self._mixed(flow, batch.rows, rng)
            flow = backbone.run(flow, number, number + 1)
        loss = objective(model.outputs(flow.values), batch)
        return StepLoss(loss, {"loss": loss.detach()})

    def _mixed(self, flow: Boundary, rows: Ints, rng: np.random.Generator) -> Boundary:
        import torch

        domains = None if self.domains is None else self.domains[rows]
        others, shares = partners(rows, domains, rng), np.empty(len(rows), np.float32)
        shares[np.argsort(rows, kind="stable")] = rng.beta(self.config.alpha, self.config.alpha, len(rows))
        device = flow.values.device
        there, lent = torch.from_numpy(others).to(device), torch.from_numpy(shares).to(device)
        return replace(flow, values=mixed_styles(flow.values, there, lent, self.channels, flow.mask))


def partners(rows: Ints, domains: Ints | None, rng: np.random.Generator) -> Ints:
    """``(B,)`` place of another row for each row, of another domain where there is one; B is 2 or more.

    It follows from which rows they are, not from their order.

    Args:
        rows: ``(B,)`` numbers of rows.
        domains: ``(B,)`` numbers of their domains; None: not known.
        rng: Draws.
    """
    order, size = np.argsort(rows, kind="stable"), len(rows)
    drawn = rng.random((size, size))
    np.fill_diagonal(drawn, -1)
    if domains is not None:
        drawn = drawn - (domains[order][:, None] == domains[order][None, :])
        np.fill_diagonal(drawn, -2)
    others = np.empty(size, np.int64)
    others[order] = order[drawn.argmax(axis=1)]
    return others


def mixed_styles(maps: Tensor, others: Tensor, shares: Tensor, channels: int = 1, mask: Tensor | None = None) -> Tensor:
    """Maps with statistics of channels that lie between their own and those of another one; shape and dtype stay.

    Args:
        maps: ``(B, C, H, W)``, or ``(B, T, F, C)`` with ``channels`` 3.
        others: ``(B,)`` int64, whose statistics are lent.
        shares: ``(B,)`` 0-1, of the own ones.
        channels: Axis.
        mask: ``(B, T)`` of the second axis: positions that count; the others stay as they are. None: all count.
    """
    import torch

    with torch.autocast(maps.device.type, enabled=False):
        values = maps.float()
        axes = [axis for axis in (1, 2, 3) if axis != channels]
        there = torch.ones_like(values[:, :1, :1, :1]) if mask is None else mask[:, :, None, None].float()
        there = there.expand(len(values), *(values.shape[axis] if axis in axes else 1 for axis in (1, 2, 3)))
        counts = there.sum(axes, keepdim=True)
        with torch.no_grad():
            mean = (values * there).sum(axes, keepdim=True) / counts
            spread = (((values - mean).square() * there).sum(axes, keepdim=True) / counts + EPSILON).sqrt()
        own = shares.float()[:, None, None, None]
        new_mean, new_spread = (own * each + (1 - own) * each[others] for each in (mean, spread))
        mixed = (values - mean) / spread * new_spread + new_mean
        return torch.where(there > 0, mixed, values).to(maps.dtype)


PLUGIN = Plugin(
    build=MixStyle,
    title="Fine-tuning in mixed styles (MixStyle)",
    config=MixStyleConfig,
    kind="train",
    paper="arXiv:2104.02008",
    needs=frozenset({"maps"}),
    targets=frozenset({"class", "ordinal", "multilabel", "real"}),
)
