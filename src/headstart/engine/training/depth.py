"""How deep to freeze: chosen by linear probes of each stage.

A boundary whose averaged activations tell the targets apart about as well as the best one holds what is special to
the task; what lies below the first such boundary is general, and stays. So the network is frozen up to the last
boundary that explains less than half of what the best one explains of the held-out loss, but never deeper than
0.6 of its arithmetic times the share that the best probe explains: the less the network as it came explains, the more
of it has to change. That early
layers are general and late ones special: Yosinski, Clune, Bengio & Lipson, NeurIPS 2014, arXiv:1411.1792; probes of
each layer: Alain & Bengio, ICLR 2017 workshop, arXiv:1610.01644.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from headstart.backbones.pretrained.measure import counting
from headstart.core.learning import Ints, Targets, Task
from headstart.engine.training.context import averaged
from headstart.engine.training.feed import Origin, RawFeed
from headstart.engine.training.sharpness import best_factor
from headstart.methods.fixed_penalty import solve_at_penalty

ROWS = 160  # that are probed
FOLDS = 3
BATCH = 32
EXPLAINED = 0.5  # share of what the best boundary explains, below which a stage counts as general
MOST = 0.6  # of the arithmetic may be frozen, where the probe explains everything
PENALTIES = (0.03, 0.3, 3.0)  # on standardised features; the best one counts, the same for every boundary
LEAST_SPREAD, TOLERANCE = 1e-6, 1e-3


@dataclass(frozen=True)
class Depth:
    """What the probes say.

    Attributes:
        boundary: ``stages[:boundary]`` are to be frozen.
        general: The last general boundary, by the probes alone.
        losses: Held-out loss of each boundary's probe, 1 to n.
        constant: Held-out loss of the best constant.
        rows: How many examples were probed.
    """

    boundary: int
    general: int
    losses: tuple[float, ...]
    constant: float
    rows: int

    def to_dict(self) -> dict[str, Any]:
        """JSON for decisions.jsonl."""
        losses = [round(loss, 4) for loss in self.losses]
        found = {"boundary": self.boundary, "general": self.general, "losses": losses}
        return {**found, "constant": round(self.constant, 4), "rows": self.rows}


def probed_depth(
    origin: Origin, rows: Ints, targets: Targets, task: Task, rng: np.random.Generator, probe_loss: float = np.inf
) -> Depth:
    """Probe every boundary on some of the training rows.

    Args:
        origin: Of the activations.
        rows: ``(N,)`` training rows, positions among its inputs.
        targets: Of those rows.
        task: Gives the loss.
        rng: Picks the rows and their folds.
        probe_loss: Held-out loss of the probe of all training rows, which explains more than one of a few.
    """
    some = rng.permutation(len(rows))[:ROWS]
    folds = rng.permutation(len(some)) % FOLDS
    chosen = targets.take(some)
    losses = [held_out_loss(each, chosen, folds, task) for each in pooled_boundaries(origin, rows[some])]
    constant = held_out_loss(np.zeros((len(some), 1), np.float32), chosen, folds, task)
    general = last_general(losses, constant)
    explained = max(0.0, 1 - min(*losses, probe_loss) / max(constant, 1e-12))
    deepest = boundary_of_work(origin, rows[:1], MOST * explained)
    return Depth(min(general, deepest), general, tuple(losses), constant, len(some))


def boundary_of_work(origin: Origin, rows: Ints, share: float) -> int:
    """The last boundary (0 to n) below which lies at most a share of the arithmetic, counted on a row ``(1,)``."""
    return int((work_below(origin, rows)[1:] <= share).sum())


def work_below(origin: Origin, rows: Ints) -> NDArray[np.float64]:
    """``(n + 1,)`` shares of the network's arithmetic below each boundary, 0 to 1, counted on a row ``(1,)``."""
    backbone = origin.backbone
    counts = []
    with torch.no_grad():
        boundary = backbone.enter(RawFeed(origin).read(0, 0, rows))
        for number in range(len(backbone.stages)):
            with counting(backbone.network) as counter:
                boundary = backbone.run(boundary, number, number + 1)
            counts.append(counter.get_total_flops())
    below = np.cumsum([0, *counts]).astype(np.float64)
    return np.asarray(below / max(1.0, below[-1]), np.float64)


def last_general(losses: list[float], constant: float) -> int:
    """The last boundary (1 to n) before the first that explains at least half of what the best explains; 0: none.

    Args:
        losses: Of boundaries 1 to n.
        constant: Of a model that knows the targets' distribution alone.
    """
    best = max(constant - min(losses), 1e-12)
    for number, loss in enumerate(losses):
        if (constant - loss) / best >= EXPLAINED:
            return number
    return len(losses)


def pooled_boundaries(origin: Origin, rows: Ints) -> list[NDArray[np.float32]]:
    """``(N, C_k)`` averaged activations of boundaries 1 to n, in one pass in PyTorch."""
    backbone, feed = origin.backbone, RawFeed(origin)
    parts: list[list[torch.Tensor]] = [[] for _ in backbone.stages]
    with torch.inference_mode():
        for low in range(0, len(rows), BATCH):
            boundary = backbone.enter(feed.read(0, 0, rows[low : low + BATCH]))
            for number in range(len(backbone.stages)):
                boundary = backbone.run(boundary, number, number + 1)
                packed = backbone.pack(boundary, number + 1)
                parts[number].append(averaged(packed.float(), is_map=backbone.variable_axis is None))
    return [torch.cat(part).numpy() for part in parts]


def held_out_loss(features: NDArray[np.float32], targets: Targets, folds: Ints, task: Task) -> float:
    """Mean loss of rows, each predicted by a linear probe of the other folds, at the best temperature and penalty.

    Args:
        features: ``(N, D)``.
        targets: Of the N rows.
        folds: ``(N,)`` in 0..FOLDS-1.
        task: Gives the loss.
    """
    spread = features.std(0)
    scaled = ((features - features.mean(0)) / np.where(spread > LEAST_SPREAD, spread, 1.0)).astype(np.float32)
    training = np.stack([(folds != fold).astype(np.float64) for fold in range(FOLDS)])
    losses = []
    for penalty in PENALTIES:
        weight, bias = solve_at_penalty(scaled, targets, training, penalty, LEAST_SPREAD, TOLERANCE)
        outputs = np.einsum("nd,nwd->nw", scaled, weight[folds]) + bias[folds]
        losses.append(float(task.loss(targets, outputs * best_factor(task, targets, outputs)).mean()))
    return min(losses)
