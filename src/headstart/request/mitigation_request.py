"""What is to be done for the group that the model serves worst."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from headstart.core import plugins
from headstart.core.config import Config
from headstart.core.errors import ConfigError, choice_message

ROOM = "mitigation"
COMPARE = "compare"


class MitigationRequest(Config):
    """A mitigation that ships, or the comparison of all of them."""

    name: str = Field(description="compare: what each would give and cost, and the plain model ships; else its name.")
    strength: float = Field(1.0, gt=0, le=1, description="Between the plain model (0) and the whole mitigation (1).")
    worst: Literal["group", "group_class"] = Field(
        "group_class",
        description="Whether the worst is sought among each group's examples of each class, or among groups alone, of "
        "which one may be worse for having more of the harder class.",
    )


def require_mitigation(asked: MitigationRequest | None, slices: tuple[str, ...], *, is_trained: bool) -> None:
    """Raise ConfigError for a name that is not there, no groups, or a model that it cannot change."""
    if asked is None:
        return
    names = sorted(name for name in plugins.names(ROOM) if "group" not in plugins.load(ROOM, name).needs)
    if asked.name not in (*names, COMPARE):
        raise ConfigError(choice_message("mitigation", asked.name, [*names, COMPARE]))
    if not slices:
        raise ConfigError("a mitigation needs groups; none were named. Name the columns with --slices.")
    if is_trained:
        raise ConfigError(
            "a mitigation changes a model that is solved on kept features; a training was asked for. Leave out "
            "--minutes and the train method, or the mitigation."
        )
