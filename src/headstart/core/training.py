"""What a train method is given and what it gives back: the moments of a training that the engine runs.

The engine owns the backward pass, optimizer, precision, device, checkpoints and log. A method says what is trained,
with which loss, and what happens before and after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats, Ints, TargetKind

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class Batch:
    """Some training examples, as kept at a boundary.

    Attributes:
        values: ``(B, ...)`` packed boundary ``start`` (see ``Backbone.pack``); a prepared batch when ``start`` is 0.
        start: Where the values enter the model.
        targets: "class" and "ordinal": ``(B,)`` int64, or ``(B, W)`` float probabilities once examples are mixed.
            "multilabel": ``(B, W)`` float 0-1. "real": ``(B, 1)`` float, standardised by the training rows.
        weights: ``(B,)`` float, mean about 1; None: all alike.
        rows: ``(B,)`` positions among the training rows.
    """

    values: Tensor
    start: int
    targets: Tensor
    weights: Tensor | None
    rows: Ints


@dataclass(frozen=True)
class UnlabeledBatch:
    """Some examples of a target domain. It has no field for targets: they cannot leak.

    Attributes:
        values: ``(B, ...)`` packed boundary ``start``, as in :class:`Batch`.
        start: Where the values enter the model.
        rows: ``(B,)`` positions among the target rows.
        plain: ``(B, ...)`` the same examples without augmentation, for methods that ask for both views; else None.
    """

    values: Tensor
    start: int
    rows: Ints
    plain: Tensor | None = None


@dataclass(frozen=True)
class DomainBatch:
    """What a method of domain adaptation learns from in one step: labelled source rows, target rows without labels."""

    source: Batch
    target: UnlabeledBatch


AnyBatch = Batch | DomainBatch | UnlabeledBatch


@dataclass(frozen=True)
class StepLoss:
    """What a step minimises.

    Attributes:
        total: Scalar with a gradient.
        parts: Scalars by name, for the log: the task's loss, penalties.
    """

    total: Tensor
    parts: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """What an epoch changes.

    Attributes:
        boundary: ``stages[:boundary]`` are frozen from now on; None: as before. Kept activations follow.
        regroup: Whether ``param_groups`` is to be asked again; the optimizer keeps the state of parameters that stay.
        restart: Whether the optimizer begins anew, since the weights were put elsewhere; implies ``regroup``.
    """

    boundary: int | None = None
    regroup: bool = False
    restart: bool = False


@dataclass(frozen=True)
class ParamGroup:
    """Parameters that share a learning rate.

    Attributes:
        name: For log and plan, unique within the method.
        parameters: Those that are trained.
        lr_scale: Factor on the learning rate.
        decays: Whether weight decay applies (not to norms and biases).
    """

    name: str
    parameters: Sequence[nn.Parameter]
    lr_scale: float = 1.0
    decays: bool = True


class Model(Protocol):
    """A backbone and a linear head.

    Attributes:
        backbone: ``headstart.backbones.pretrained.backbone.Backbone``.
        head: ``nn.Linear(D, W)``, on pooled features; of "real" targets in standardised units.
        boundary: ``stages[:boundary]`` are frozen.
    """

    backbone: Any
    head: nn.Linear
    boundary: int

    def __call__(self, batch: Batch | UnlabeledBatch) -> Tensor:
        """Outputs ``(B, W)``."""

    def features(self, batch: Batch | UnlabeledBatch) -> Tensor:
        """Pooled features ``(B, D)``."""

    def outputs(self, features: Tensor) -> Tensor:
        """Outputs ``(B, W)`` of pooled features: dropout and head. ``model(batch)`` is both in one."""

    def parameters(self) -> Any:
        """All of them."""

    def named_parameters(self) -> Any:
        """All of them, by name."""


class Objective(Protocol):
    """The task's loss for gradients."""

    kind: TargetKind
    width: int

    def rows(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Loss of each row ``(B,)``, as in :class:`Batch`."""

    def __call__(self, outputs: Tensor, batch: Batch) -> Tensor:
        """Weighted mean over a batch, a scalar."""


class TrainContext(Protocol):
    """What a method may ask of the engine. Nothing here knows the test split.

    Attributes:
        kind, width: Of the targets.
        epoch: The epoch that begins or was done, from 0.
        epochs: In all.
        seed: Of the run.
        last: Where the training ended, as :meth:`taken` gives it; empty until ``finish``.
        domains: ``(n,)`` numbers of the domains that the training rows are from; None: none were named.
    """

    kind: TargetKind
    width: int
    epoch: int
    epochs: int
    seed: int
    last: Mapping[str, Tensor]
    domains: Ints | None

    def features(self, split: str, stage: int | None = None) -> NDArray[np.float32]:
        """Pooled features ``(N, D)`` of the pretrained network for "train" or "val" rows, view 0.

        With ``stage`` the boundary after so many stages, averaged over all but rows and channels.
        """

    def targets(self, split: str) -> Tensor:
        """Of "train" or "val" rows, ``(N,)``, ``(N, W)`` or ``(N, 1)`` as in :class:`Batch`."""

    def probe_head(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Weight ``(W, D)`` and bias ``(W,)`` of the linear probe solved on the training rows alone."""

    def predict(self, model: Model, split: str) -> Floats:
        """Outputs ``(N, W)`` for "train" or "val" rows, view 0, in eval mode, in the units of ``task.loss``."""

    def embed(self, model: Model, split: str) -> Tensor:
        """Pooled features ``(N, D)`` of "train", "val" or "target" rows, view 0, by the model as it is."""

    def validate(self, model: Model) -> float:
        """Mean validation loss of the task; infinity where it is not finite."""

    def rng(self, *purpose: str) -> np.random.Generator:
        """Random numbers for one purpose."""

    def taken(self, model: Model) -> dict[str, Tensor]:
        """A copy of every trained tensor, of any shape, by name."""

    def put_back(self, model: Model, tensors: Mapping[str, Tensor]) -> None:
        """Fill the model with tensors of :meth:`taken`, in their shapes; what is not among them stays."""


class TrainMethod(Protocol):
    """A method of kind "train"; ``methods.training.base.Training`` has a working default of each moment.

    Attributes:
        config: Its settings, a ``methods.training.settings.TrainConfig``.
        phases: Passes over each batch, each with its own backward and optimizer step.
        start: "pretrained", or "random" for weights drawn anew.
        begins: Where the boundary is at first: "freeze", as the setting says, or "top", below the last stage that has
            parameters.
        lr_scale: Its usual learning rate, as a multiple of that of pretrained weights.
        ends: "best": at the epoch of least validation loss; "last": at its last epoch, for methods that are to serve
            another domain than the one that the validation rows come from.
        wants_plain: Whether target rows are wanted without augmentation, too.
    """

    config: Any
    phases: int
    start: str
    begins: str
    lr_scale: float
    ends: str
    wants_plain: bool

    def prepare(self, model: Model, ctx: TrainContext) -> None:
        """Before anything is trained: fill the head, add modules, remember where it starts.

        Called again on the same start when a run resumes, so it must be a function of its arguments.
        """

    def param_groups(self, model: Model) -> list[ParamGroup]:
        """What is trained; every other parameter is frozen."""

    def sampler(self, ctx: TrainContext) -> Ints | None:
        """``(n,)`` rows of this epoch in order, repetitions allowed.

        None: a permutation of all, or as ``--balance`` says.
        """

    def on_epoch_start(self, model: Model, ctx: TrainContext) -> Change:
        """What changes before an epoch."""

    def step(self, model: Model, batch: Any, objective: Objective, phase: int) -> StepLoss:
        """The loss of a batch; calls ``model`` and nothing else of the engine.

        ``batch`` is a :class:`Batch`; where the job has target rows a :class:`DomainBatch`, and an
        :class:`UnlabeledBatch` where it has those alone.
        """

    def on_step_end(self, model: Model, ctx: TrainContext) -> None:
        """After an optimizer step, in however many parts or phases its batch was computed: look at where it led."""

    def state(self) -> dict[str, Tensor]:
        """What the method itself carries from step to step, for checkpoints: tensors of any shape, by name."""

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Take back what :meth:`state` gave, in the same shapes."""

    def finish(self, model: Model, ctx: TrainContext) -> Mapping[str, Any]:
        """After the best point was put back: merge what was added, so that the network has its own architecture again.

        Returns:
            JSON for the report.
        """
