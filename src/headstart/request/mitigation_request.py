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


def require_mitigation(asked: MitigationRequest | None, slices: tuple[str, ...]) -> None:
    """Raise ConfigError for a name that is not there, one that no bundle could serve, or no groups."""
    if asked is None:
        return
    plugin = {name: plugins.load(ROOM, name) for name in plugins.names(ROOM)}
    names = sorted(name for name, each in plugin.items() if not each.needs & {"group", "domains"})
    if asked.name in plugin and "group" in plugin[asked.name].needs:
        raise ConfigError(
            f"a mitigation that ships must do without the group of whoever it decides about; {asked.name} decides by "
            "it: the same features would get another answer in another group, which many laws forbid in lending, "
            f"hiring and insurance. Name one of {[*names, COMPARE]}, or move one threshold for everybody by --set "
            "decision.recall=..., decision.precision=... or decision.threshold=..."
        )
    if asked.name not in (*names, COMPARE):
        raise ConfigError(choice_message("mitigation", asked.name, [*names, COMPARE]))
    if not slices:
        raise ConfigError("a mitigation needs groups; none were named. Name the columns with --slices.")
