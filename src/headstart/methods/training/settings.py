"""Settings that every train method has."""

from __future__ import annotations

import copy
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from headstart.core.config import Config
from headstart.core.search import Choice, Shift, Space, Times

Auto = Literal["auto"]


class TrainConfig(Config):
    """How a network is trained; a method changes defaults and adds its own."""

    space: ClassVar[Space] = {
        "freeze": Shift(-3, 1),
        "lr": Times(0.3, 3.0),
        "augmentation": Choice(("auto", "strong")),
        "label_smoothing": Choice((0.0, 0.1)),
        "stage_decay": Choice((1.0, 0.7)),
    }

    freeze: int | str = Field(
        "auto",
        description="Stages that stay as they are: a number, or the last one's name; auto: by probes of each stage.",
    )
    epochs: Annotated[int, Field(ge=1)] | Auto = Field(
        "auto",
        description="Passes over the training examples; auto: usual_epochs, fewer of more than 600 examples, and at "
        "least 20 steps.",
    )
    usual_epochs: int = Field(4, ge=1, description="Passes over up to 600 training examples.")
    batch_size: int = Field(32, ge=1, description="Examples per optimizer step.")
    lr: Annotated[float, Field(gt=0)] | Auto = Field(
        "auto",
        description="Largest learning rate; auto: the method's own, less where a short range test says so.",
    )
    head_lr_scale: float = Field(1.0, gt=0, description="Factor on the learning rate of the head.")
    stage_decay: float = Field(
        1.0, gt=0, le=1, description="Factor on the learning rate from each trained stage to the one before it."
    )
    weight_decay: float = Field(0.01, ge=0, description="Decoupled, of weights; norms and biases have none.")
    optimizer: Literal["adamw", "sgd"] = Field("adamw", description="sgd: with momentum 0.9.")
    schedule: Literal["one_cycle", "cosine", "constant"] = Field(
        "one_cycle", description="one_cycle: up and down; cosine: short warm-up, then down."
    )
    warmup: float = Field(0.2, ge=0, lt=1, description="Share of the steps in which the rate rises.")
    cycles: int = Field(1, ge=1, description="How often the schedule begins anew.")
    clip: float = Field(1.0, ge=0, description="Largest norm of the gradient; 0: none.")
    accumulate: int = Field(1, ge=1, description="Parts that a batch is computed in.")
    ema: float = Field(0.0, ge=0, lt=1, description="Decay of the moving average of the weights; 0: none.")
    patience: int = Field(10, ge=1, description="Epochs without a better validation loss before it stops.")
    norm: Literal["frozen", "batch"] = Field(
        "frozen", description="Statistics of BatchNorm: those of the pretraining, or those of each batch."
    )
    augmentation: Literal["auto", "none", "light", "strong"] = Field(
        "auto", description="auto: light for pictures and recordings, none for texts."
    )
    views: Annotated[int, Field(ge=0)] | Auto = Field(
        "auto", description="Augmented views kept of each example; auto: by disk and epochs."
    )
    label_smoothing: float = Field(0.0, ge=0, lt=1, description="Share of the target spread over all classes.")
    dropout: float = Field(0.0, ge=0, lt=1, description="Before the head.")
    drop_path: float = Field(0.0, ge=0, lt=1, description="Stochastic depth of the trained residual blocks.")
    mixup: float = Field(0.0, ge=0, description="Alpha of mixup on raw views; 0: none.")
    cutmix: float = Field(0.0, ge=0, description="Alpha of cutmix on raw views; 0: none.")
    manifold_mixup: float = Field(0.0, ge=0, description="Alpha of mixup at the boundary; 0: none.")
    precision: Literal["auto", "float32", "bfloat16"] = Field("auto", description="auto: measured on a few steps.")
    keep: bool | Auto = Field(
        "auto", description="Whether activations at the boundary are kept; auto: unless raw views are needed."
    )
    loader_workers: Annotated[int, Field(ge=0)] | Auto = Field(
        "auto", description="Threads that read batches ahead; 0: none."
    )


def changed(name: str, value: Any) -> Any:
    """The field of :class:`TrainConfig` with another default; bounds and description stay."""
    field = copy.copy(TrainConfig.model_fields[name])
    field.default = value
    return field
