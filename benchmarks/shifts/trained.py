"""The upper part of a network trained from one domain to another: by our methods, and as files for others to train."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import nn

import headstart
from headstart import bundle
from headstart.adaptation.train_adapter import DomainRows, TrainerRequest, train_adapter
from headstart.adaptation.trying import held_out_rows
from headstart.api.adapting import domains_of
from headstart.api.network_of_run import RunNetwork, network_of_run
from headstart.api.two_domains import Given, source_rows, target_rows
from headstart.core.progress import Silent
from headstart.core.run_folder import RunFolder
from headstart.engine.activations.store import DEFAULT_LIMIT_BYTES, Store
from headstart.engine.training.order import batches_of, beside, permuted
from headstart.engine.training.schedule import rate
from headstart.methods.threads import torch_threads

from .sets import Frame

THREADS, TOLERANCE = 1, 1e-4


@dataclass(frozen=True)
class Budget:
    """What every training may take, and how its rate goes."""

    epochs: int = 10
    batch_size: int = 32
    lr: float = 3e-4
    weight_decay: float = 0.01
    new_lr_scale: float = 3.0
    warmup: float = 0.2


@dataclass(frozen=True)
class Setting:
    """One shift before a training.

    Attributes:
        rows: Both domains.
        network: That of the run.
        boundary: ``stages[:boundary]`` stay as they are.
        truth: ``(m,)`` class numbers of the target rows, which no training is given.
    """

    rows: DomainRows
    network: RunNetwork
    boundary: int
    truth: Any


def setting_of(source: Frame, target: Frame, freeze: str, run: Path, store: Store, seed: int) -> Setting:
    """A linear probe fitted on the source, and both domains at the boundary after stage ``freeze``."""
    if not (run / "report.html").exists():
        table = run.with_suffix(".csv")  # an adaptation reads a run's data again
        table.parent.mkdir(parents=True, exist_ok=True)
        source.to_csv(table, index=False)
        headstart.fit(
            table, target="label", input="input", method="linear_probe", out=run, threads=THREADS, seed=seed,
            accept="duplicates_across_splits",
        )  # fmt: skip
    shipped = bundle.read(run)
    predictor = shipped.predictor(threads=THREADS)
    ours = source_rows(RunFolder(run), shipped, predictor, threads=THREADS, progress=Silent())
    assert not isinstance(ours, str), ours
    theirs = target_rows(target[["input"]], None, shipped, predictor, threads=THREADS, progress=Silent())
    domains = domains_of(shipped, predictor, ours, theirs)
    given = Given(shipped, predictor, domains, ours, theirs, ())
    assert domains.source is not None
    network, held, n = network_of_run(given, THREADS), held_out_rows(domains.source, seed), len(ours.targets)
    head, datasets = domains.head.arrays, [ours.dataset, theirs.dataset]
    train, val = np.flatnonzero(~held), np.flatnonzero(held)
    rows = DomainRows(
        feed=network.feed(datasets, store, "none"), train=train, val=val, target=n + np.arange(len(theirs.ids)),
        train_targets=ours.targets.take(train), val_targets=ours.targets.take(val), task=shipped.task(),
        head=(head["weight"].astype(np.float64), head["bias"].astype(np.float64)), lengths=None,
        cache_bytes=DEFAULT_LIMIT_BYTES, seed=seed,
    )  # fmt: skip
    boundary = network.network.backbone.stage_index(freeze)
    rows.feed.ensure(boundary, 0, np.concatenate([rows.train, rows.val, rows.target]))
    labels = target.label.astype(str).to_numpy()[theirs.places]
    truth = np.array([shipped.class_names.index(label) for label in labels])
    return Setting(rows, network, boundary, truth)


def trained(setting: Setting, method: str, budget: Budget, **options: Any) -> tuple[Any, float]:
    """Answers ``(m,)`` of the target rows after our training, and seconds of the processor for one epoch."""
    asked = {
        "freeze": setting.boundary, "epochs": budget.epochs, "batch_size": budget.batch_size, "lr": budget.lr,
        "weight_decay": budget.weight_decay, "new_lr_scale": budget.new_lr_scale, "warmup": budget.warmup,
        "precision": "float32", "augmentation": "none",
    }  # fmt: skip
    with torch_threads(THREADS):
        found, _ = train_adapter(TrainerRequest(method, asked | options), setting.rows)
        head = found.fitted.arrays
        answers = _answers(setting, Upper(found.backbone, setting.boundary), head["weight"], head["bias"])
    return answers, median(each["cpu_seconds"] for each in found.report["timings"])


def as_it_is(setting: Setting) -> Any:
    """Answers ``(m,)`` of the run's own model."""
    return _answers(setting, Upper(setting.network.network.backbone, setting.boundary), *setting.rows.head)


def written(setting: Setting, budget: Budget, folder: Path) -> None:
    """The upper part as ``upper.pt2``; activations, head, batches and rates as ``data.npz``; no target of a target."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, upper = setting.rows, Upper(setting.network.network.backbone, setting.boundary).eval()
    source, target = _values(setting, rows.train), _values(setting, rows.target)
    example = source[:2].clone()
    whole = torch.export.export(upper, (example,), dynamic_shapes={"values": {0: torch.export.Dim("batch")}})
    with torch.no_grad():
        off = (whole.module()(target[:8]) - upper(target[:8])).abs().max()
    assert off < TOLERANCE, f"the upper part that was written computes something else, by {off}"
    torch.export.save(whole, folder / "upper.pt2")
    order = _order(len(rows.train), len(rows.target), budget, rows.seed)
    steps = len(order) // budget.epochs
    rates = [rate("one_cycle", (epoch + step / steps) / budget.epochs, budget.warmup)
             for epoch in range(budget.epochs) for step in range(steps)]  # fmt: skip
    weight, bias = rows.head
    np.savez(
        folder / "data.npz", source=source.numpy(), target=target.numpy(), labels=rows.train_targets.values,
        weight=weight.astype(np.float32), bias=bias.astype(np.float32), rates=budget.lr * np.array(rates),
        order=order, epochs=budget.epochs, weight_decay=budget.weight_decay, new_lr_scale=budget.new_lr_scale,
        channels_last=setting.network.network.modality.name == "image", seed=rows.seed,
    )  # fmt: skip


class Upper(nn.Module):
    """From kept activations to pooled features."""

    def __init__(self, backbone: Any, boundary: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.boundary = boundary

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """``(B, D)``."""
        entered = self.backbone.unpack(values, self.boundary)
        found: torch.Tensor = self.backbone.run(entered, self.boundary, len(self.backbone.stages)).values
        return found


def _order(source: int, target: int, budget: Budget, seed: int) -> Any:
    """``(steps, 2, B)`` positions of source and target rows as our own training takes them; -1 behind short batches."""
    found = []
    for epoch in range(budget.epochs):
        for both in beside(batches_of(permuted(source, seed, epoch), budget.batch_size), source, target, seed, epoch):
            half = len(both) // 2
            pair = np.full((2, budget.batch_size + 1), -1)  # a last row alone joins the batch before it
            pair[0, :half], pair[1, :half] = both[:half], both[half:] - source
            found.append(pair)
    return np.stack(found)


def _values(setting: Setting, rows: Any) -> torch.Tensor:
    return setting.rows.feed.read(setting.boundary, 0, rows)


def _answers(setting: Setting, upper: Upper, weight: Any, bias: Any) -> Any:
    with torch.no_grad():
        features = upper.eval()(_values(setting, setting.rows.target)).double().numpy()
    return (features @ np.asarray(weight, np.float64).T + bias).argmax(axis=1)
