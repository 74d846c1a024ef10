"""What a training gives back: the network, its head at the best temperature and in the task's units, the report."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch

from headstart.core.learning import Fitted, Floats
from headstart.engine.training.context import Context
from headstart.engine.training.job import TrainingJob
from headstart.engine.training.model import TrainableModel
from headstart.engine.training.sharpness import best_factor
from headstart.engine.training.state import State


def shipped_head(job: TrainingJob, model: TrainableModel, context: Context) -> tuple[Fitted, Floats, dict[str, Any]]:
    """The head with the best temperature in its weights; its outputs ``(V, W)`` on the validation rows, in the task's
    units; the temperature, and validation loss and score with it.
    """
    outputs = context.predict(model, "val")
    factor = best_factor(job.task, job.val_targets, outputs)
    with torch.no_grad():
        model.head.weight.mul_(factor)
        model.head.bias.mul_(factor)
    weight, bias = context.scale.head_out(
        model.head.weight.detach().double().numpy(), model.head.bias.detach().double().numpy()
    )
    fitted = Fitted(
        {"weight": weight.astype("float32"), "bias": bias.astype("float32")},
        {"method": job.name, "form": "linear", "trained": True},
    )
    loss, score = context.judged(outputs)
    return fitted, outputs * factor, {"end": {"val_loss": loss, "val_score": score}, "temperature": 1 / factor}


def report_of(state: State, facts: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """JSON for the evidence.

    Args:
        state: At the end.
        facts: Further entries.
        told: What the method says of itself.
    """
    report = {
        "start": {"val_loss": state.start_loss, "val_score": state.start_score},
        "best": {"epoch": state.best_epoch, "val_loss": state.best_loss},
        "history": state.history,
        "timings": state.timings,
        "messages": state.messages,
        "stopped": state.stopped,
        "boundary": state.boundary,
        **facts,
        **({"method": dict(told)} if told else {}),
    }
    found: dict[str, Any] = finite(report)
    return found


def finite(value: Any) -> Any:
    """The same with None for numbers that JSON cannot hold."""
    if isinstance(value, Mapping):
        return {key: finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
