"""Which task a column of targets is: the named one, or the first that says the targets are its own."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from numpy.typing import NDArray

from headstart.core import plugins
from headstart.core.errors import ConfigError, DataError, choice_message
from headstart.core.learning import Task


def choose_task(targets: NDArray[Any], name: str = "auto") -> tuple[Task, str]:
    """The task, configured from the training targets, and why it is this one.

    Args:
        targets: ``(N,)`` as users wrote them.
        name: A task's name, or "auto".

    Raises:
        ConfigError: no such task.
        DataError: the targets fit no task.
    """
    names = plugins.names("tasks")
    if name != "auto":
        if name not in names:
            raise ConfigError(choice_message("task", name, names))
        return _configured(name, targets), "it was named"
    for candidate in names:
        if reason := _module(candidate).matches(targets):
            return _configured(candidate, targets), reason
    raise DataError(f"the targets must fit one of the tasks {names}; they fit none. Name one with --task.")


def _configured(name: str, targets: NDArray[Any]) -> Task:
    task: Task = plugins.load("tasks", name).build(_module(name).configure(targets))
    return task


def _module(name: str) -> Any:
    return import_module(plugins.load("tasks", name).build.__module__)
