"""Which task a column of targets is: the named one, or the one that says the targets are its own."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from numpy.typing import NDArray

from headstart.core import plugins
from headstart.core.errors import ConfigError, DataError, choice_message
from headstart.core.learning import Task
from headstart.tasks.decision import check_decision
from headstart.tasks.decision_request import DecisionRequest


def choose_task_name(targets: NDArray[Any], name: str = "auto") -> tuple[str, str]:
    """The task's name, and why it is this one, a clause.

    Args:
        targets: ``(N,)`` as users wrote them, of all examples that are not sealed.
        name: A task's name, which is obeyed, or "auto".

    Raises:
        ConfigError: no such task.
        DataError: the targets fit no task.
    """
    names = plugins.names("tasks")
    if name != "auto":
        if name not in names:
            raise ConfigError(choice_message("task", name, [*names, "auto"]))
        return name, "it was named"
    for candidate in names:
        if reason := task_module(candidate).matches(targets):
            return candidate, reason
    raise DataError(f"the targets must fit one of the tasks {names}; they fit none. Name one with --task.")


def task_module(name: str) -> Any:
    """The module of a task: ``matches``, ``configure``, ``strata``, ``check``, ``notes``, ``describe``, ``from_dict``.

    ``notes(train, others) -> list[str]`` says what stands out, ``describe(targets) -> str`` what the targets are.
    """
    return import_module(plugins.load("tasks", name).build.__module__)


def configured(
    name: str, train_targets: NDArray[Any], decision: DecisionRequest | None = None, balance: str = "none"
) -> Task:
    """A task that knows the classes, or the mean, of the training targets, ``(N,)`` objects as users wrote them.

    Args:
        name: Of the task.
        train_targets: ``(N,)``.
        decision: How classes are decided.
        balance: Of the request; unless it is "none", or "auto" where accuracy decides, and where nothing else is said
            about decisions, these lean towards rare classes.

    Raises:
        DataError: they do not fit.
        ConfigError: a ``decision`` that the task, or its classes, do not allow.
    """
    plugin = plugins.load("tasks", name)
    config = task_module(name).configure(train_targets)
    if decision is not None:
        if "decision" not in plugin.config.model_fields:
            raise ConfigError(
                f"decision.* chooses between classes; the task is {name}. Leave it out, or name --task classification."
            )
        check_decision(decision, config.class_names)
        config = config.model_copy(update={"decision": decision})
    elif "for_rare" in plugin.config.model_fields:
        for_rare = config.primary == "macro_f1" if balance == "auto" else balance != "none"
        config = config.model_copy(update={"for_rare": for_rare})
    task: Task = plugin.build(config)
    return task


def task_from_dict(document: Mapping[str, Any]) -> Task:
    """The task that ``Task.to_dict`` wrote; "task" names it.

    Raises:
        ConfigError: no such task, or keys that it does not know.
    """
    task: Task = task_module(str(document.get("task"))).from_dict(document)
    return task
