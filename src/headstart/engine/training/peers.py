"""Other processes that train the same model: each takes a part of every batch, and gradients are added up.

Under ``torchrun`` every process holds the same weights and sees the same batches; what differs is which rows it
computes. The sum of the gradients is that of the whole batch, so a training does not depend on the number of
processes but for rounding. DistributedDataParallel does the same over its own wrapper of the model; here the trained
parameters change from epoch to epoch, and a method may pass over a batch in several phases, so gradients are added up
after each backward pass, in one piece.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from headstart.core.training import Batch


@dataclass(frozen=True)
class Peers:
    """The processes of one training.

    Attributes:
        rank: Of this process, from 0.
        size: How many there are.
    """

    rank: int = 0
    size: int = 1

    def share(self, batch: Batch) -> tuple[Batch, float]:
        """Rows of a batch that are this process's, and their share of it."""
        if self.size == 1:
            return batch, 1.0
        from headstart.engine.training.stepper import rows_of

        count = len(batch.rows)
        places = torch.arange(self.rank, count, self.size)
        if not len(places):  # fewer rows than processes: one row again, which counts nothing
            return rows_of(batch, torch.arange(1)), 0.0
        return rows_of(batch, places), len(places) / count

    def add_up(self, parameters: Sequence[nn.Parameter], losses: Mapping[str, float]) -> dict[str, float]:
        """Gradients and losses of all processes together, in place of this process's own."""
        if self.size == 1:
            return dict(losses)
        import torch.distributed as distributed

        device = parameters[0].device
        grads = [torch.zeros_like(value) if value.grad is None else value.grad for value in parameters]
        flat = torch.cat([*(grad.reshape(-1) for grad in grads), torch.tensor(list(losses.values()), device=device)])
        distributed.all_reduce(flat)
        at = 0
        for parameter, grad in zip(parameters, grads, strict=True):
            parameter.grad = flat[at : at + grad.numel()].view_as(grad).clone()
            at += grad.numel()
        return dict(zip(losses, flat[at:].tolist(), strict=True))


ALONE = Peers()


def joined_peers(device: str = "cpu") -> Peers:
    """The processes that ``torchrun`` started, joined; alone without it."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        return ALONE
    import torch.distributed as distributed

    if not distributed.is_initialized():
        distributed.init_process_group("nccl" if device == "cuda" else "gloo")
    return Peers(distributed.get_rank(), distributed.get_world_size())
