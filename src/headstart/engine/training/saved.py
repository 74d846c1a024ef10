"""A training as tensors and JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from headstart.engine.training.optimizer import load_state_tensors, state_tensors
from headstart.engine.training.stepper import Stepper
from headstart.engine.training.tensors import MovingAverage, put_back


def tensors_of(stepper: Stepper, best: Mapping[str, Tensor], average: MovingAverage | None) -> dict[str, Tensor]:
    """Weights, optimizer, best point, moving average and what the method carries, of any shape, as ``"group/name"``."""
    names = {id(value): name for name, value in stepper.model.named_parameters()}
    groups = {
        "model": stepper.model.trained_tensors(),
        "optimizer": state_tensors(stepper.optimizer, names),
        "best": best,
        "average": average.tensors if average else {},
        "method": stepper.method.state(),
    }
    return {f"{group}/{name}": value for group, found in groups.items() for name, value in found.items()}


def of_group(tensors: Mapping[str, Tensor], group: str) -> dict[str, Tensor]:
    """The tensors of one group, of any shape, by name."""
    prefix = f"{group}/"
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}


def put_into(stepper: Stepper, tensors: Mapping[str, Tensor]) -> None:
    """Fill method, groups, weights and optimizer; the model's boundary is already that of the checkpoint.

    ``tensors`` are named and shaped as :func:`tensors_of` gave them.
    """
    stepper.method.load_state(of_group(tensors, "method"))
    stepper.regroup(anew=True)
    put_back(stepper.model, of_group(tensors, "model"))
    parameters: dict[str, nn.Parameter] = dict(stepper.model.named_parameters())
    load_state_tensors(stepper.optimizer, parameters, of_group(tensors, "optimizer"))
