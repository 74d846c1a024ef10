"""Other processes that train the same model: each takes a part of every batch, and gradients are added up.

Under ``torchrun`` every process holds the same weights and sees the same batches; what differs is which rows it
computes. The sum of the gradients is that of the whole batch, so a training does not depend on the number of
processes but for rounding. DistributedDataParallel does the same over its own wrapper of the model; here the trained
parameters change from epoch to epoch, and a method may pass over a batch in several phases, so gradients are added up
after each backward pass, in one piece.
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from headstart.core.errors import ConfigError
from headstart.core.training import Batch
from headstart.engine.training.parts import rows_of

if TYPE_CHECKING:
    from headstart.core.training import AnyBatch


@dataclass(frozen=True)
class Peers:
    """The processes of one training.

    Attributes:
        rank: Of this process, from 0.
        size: How many there are.
        device: Of what is exchanged.
    """

    rank: int = 0
    size: int = 1
    device: str = "cpu"

    def share(self, batch: AnyBatch) -> tuple[AnyBatch, float]:
        """Rows of a batch that are this process's, and their share of it.

        Raises:
            ConfigError: rows of two domains, whose losses compare them with each other, so no process can do with some.
        """
        if self.size == 1:
            return batch, 1.0
        if not isinstance(batch, Batch):
            raise ConfigError(
                f"domain adaptation trains in one process, since its losses compare the rows of a batch with each "
                f"other; got {self.size} processes. Run it without torchrun."
            )
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

        from headstart.engine.training.optimizer import laid_out_like

        device = parameters[0].device
        grads = [torch.zeros_like(value) if value.grad is None else value.grad for value in parameters]
        flat = torch.cat([*(grad.reshape(-1) for grad in grads), torch.tensor(list(losses.values()), device=device)])
        distributed.all_reduce(flat)
        at = 0
        for parameter, grad in zip(parameters, grads, strict=True):
            parameter.grad = laid_out_like(parameter, flat[at : at + grad.numel()])
            at += grad.numel()
        return dict(zip(losses, flat[at:].tolist(), strict=True))

    def agree(self, *values: float) -> tuple[float, ...]:
        """The first process's numbers: what all decide by must be the same to the last bit."""
        if self.size == 1:
            return values
        import torch.distributed as distributed

        numbers = torch.tensor(values, dtype=torch.float64, device=self.device)
        distributed.broadcast(numbers, 0)
        return tuple(numbers.tolist())

    def tell(self, document: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """JSON from the first process, which gives it, to all others."""
        import torch.distributed as distributed

        content = json.dumps(document).encode()
        size = torch.tensor([len(content)], device=self.device)
        distributed.broadcast(size, 0)
        given = torch.empty(int(size), dtype=torch.uint8, device=self.device)
        if self.rank == 0:
            given.copy_(torch.frombuffer(bytearray(content), dtype=torch.uint8))
        distributed.broadcast(given, 0)
        found: dict[str, Any] = json.loads(bytes(given.tolist()))
        return found

    def wait(self) -> None:
        """Until all have come here."""
        import torch.distributed as distributed

        distributed.barrier()


ALONE = Peers()
PATIENCE = datetime.timedelta(days=7)  # the others wait while the first one reads, embeds and solves


def joined_peers(device: str = "cpu") -> Peers:
    """The processes that ``torchrun`` started, joined; alone without it."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        return ALONE
    import torch.distributed as distributed

    if not distributed.is_initialized():
        distributed.init_process_group("nccl" if device == "cuda" else "gloo", timeout=PATIENCE)
    return Peers(distributed.get_rank(), distributed.get_world_size(), device)
