"""What every library trains: the same upper part of a network and head, on the same batches, at the same rate."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

Step = Callable[[Tensor, Tensor, Tensor], None]  # source values, their labels, target values
Training = Callable[["Task"], tuple[Step, Callable[[Tensor], Tensor]]]


class Upper(nn.Module):
    """From kept activations to pooled features; normalisations keep their statistics in training too."""

    def __init__(self, place: Path) -> None:
        super().__init__()
        self.inner = torch.export.load(place).module()
        for parameter in self.inner.parameters():
            parameter.requires_grad_(True)

    def train(self, mode: bool = True) -> Upper:
        """An exported program has no mode."""
        return self

    def forward(self, values: Tensor) -> Tensor:
        """``(B, D)``."""
        return self.inner(values)


class Task:
    """A folder with ``upper.pt2`` and ``data.npz``; there are no targets of the target domain in it.

    Attributes:
        upper: The network's upper part.
        head: Linear, as fitted on the source.
        width, classes: Of features and outputs.
        steps: Of the whole training.
        optimizers: What is told of the rate, each with its factor.
    """

    def __init__(self, folder: Path) -> None:
        self.data: dict[str, Any] = dict(np.load(folder / "data.npz"))
        torch.manual_seed(int(self.data["seed"]))
        self.upper = Upper(folder / "upper.pt2")
        self.source, self.target = (self._laid_out(self.data[name]) for name in ("source", "target"))
        self.labels = torch.from_numpy(self.data["labels"])
        self.classes, self.width = self.data["weight"].shape
        self.head = nn.Linear(self.width, self.classes)
        with torch.no_grad():
            self.head.weight.copy_(torch.from_numpy(self.data["weight"]))
            self.head.bias.copy_(torch.from_numpy(self.data["bias"]))
        self.steps = len(self.data["order"])
        self.optimizers: list[tuple[torch.optim.Optimizer, float]] = []

    def optimizer(self, *modules: nn.Module, is_new: bool = False) -> torch.optim.Optimizer:
        """AdamW at the rate of all; networks that are only there for the training learn faster."""
        parameters = [value for module in modules for value in module.parameters()]
        made = torch.optim.AdamW(parameters, lr=0.0, weight_decay=float(self.data["weight_decay"]), fused=True)
        self.optimizers.append((made, float(self.data["new_lr_scale"]) if is_new else 1.0))
        return made

    def run(self, step: Step) -> float:
        """All steps; seconds of the processor for one epoch."""
        epochs = int(self.data["epochs"])
        per_epoch, seconds = self.steps // epochs, []
        for epoch in range(epochs):
            began = time.process_time()
            for number in range(epoch * per_epoch, (epoch + 1) * per_epoch):
                for optimizer, factor in self.optimizers:
                    for group in optimizer.param_groups:
                        group["lr"] = factor * float(self.data["rates"][number])
                ours, theirs = (torch.from_numpy(rows[rows >= 0]) for rows in self.data["order"][number])
                step(self._some(self.source, ours), self.labels[ours], self._some(self.target, theirs))
            seconds.append(time.process_time() - began)
        return median(seconds)

    def answers(self, outputs: Callable[[Tensor], Tensor]) -> list[int]:
        """Of the target rows, from features."""
        with torch.no_grad():
            found: list[int] = outputs(self.upper(self.target)).argmax(1).tolist()
        return found

    def _some(self, values: Tensor, rows: Tensor) -> Tensor:
        some = values[rows]
        return some.contiguous(memory_format=torch.channels_last) if self.data["channels_last"] else some

    def _laid_out(self, values: Any) -> Tensor:
        return torch.from_numpy(values)


def main(trainings: Mapping[str, Training]) -> None:
    """``OUT.jsonl FOLDER...``: one line for each way to train and folder."""
    torch.set_num_threads(1)
    out, *folders = map(Path, sys.argv[1:])
    for folder in folders:
        for name, training in trainings.items():
            record: dict[str, Any] = {"shift": folder.name, "method": name, "failure": None}
            try:
                task = Task(folder)
                record["start"] = task.answers(task.head)
                step, outputs = training(task)
                record["seconds"] = round(task.run(step), 4)
                record["answers"] = task.answers(outputs)
            except Exception as error:  # noqa: BLE001 - whatever stops a peer is its result
                record["failure"] = f"{type(error).__name__}: {str(error)[:120]}"
            with out.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(record) + "\n")
