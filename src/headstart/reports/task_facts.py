"""What the report asks of a task by the name that evidence.json has: kept here, so that no section names tasks."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module

from headstart.core import plugins
from headstart.core.metric import Metric

ROOM = "tasks"


def kind_of(task: object) -> str:
    """How models learn the task: "class", "ordinal", "multilabel" or "real"; empty for an unknown task."""
    return str(getattr(plugins.load(ROOM, str(task)).build, "kind", "")) if task in plugins.names(ROOM) else ""


def predicts_numbers(task: object) -> bool:
    """Whether targets are real numbers, so that losses are squared errors, of any size; False for an unknown task."""
    return kind_of(task) == "real"


@lru_cache
def stated_metrics() -> dict[str, Metric]:
    """By name, those that the tasks' own files state as ``METRICS``."""
    found: dict[str, Metric] = {}
    for name in plugins.names(ROOM):
        found |= getattr(import_module(plugins.load(ROOM, name).build.__module__), "METRICS", {})
    return found
