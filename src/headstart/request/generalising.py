"""What is asked for a domain that nobody has seen, and what cannot go with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.core import plugins
from headstart.core.errors import ConfigError, choice_message

if TYPE_CHECKING:
    from headstart.request.fit_config import FitConfig

AUTO, NONE = "auto", "none"
ROOM = "mitigation"


def require_generalising(request: FitConfig) -> None:
    """Raise ConfigError for a way that is not there, or options that contradict each other."""
    if request.domains is None:
        if request.generalise not in (AUTO, NONE):
            raise ConfigError(
                f"generalise={request.generalise} prepares a model for a new domain; no domains were named. Name their "
                "column with --domains."
            )
        return
    if request.groups is not None and request.groups != request.domains:
        raise ConfigError(
            f"--domains {request.domains} keeps each domain on one side of every split, and --groups {request.groups} "
            "would keep other examples together, across domains. Leave one of them out."
        )
    names = [name for name in plugins.names(ROOM) if "group" not in plugins.load(ROOM, name).needs]
    if request.generalise not in (AUTO, NONE, *names):
        raise ConfigError(choice_message("generalise", request.generalise, [AUTO, NONE, *names]))
    if request.generalise not in (AUTO, NONE) and request.mitigation is not None:
        raise ConfigError(
            f"generalise={request.generalise} and a mitigation for --slices would each change the model. Leave one out."
        )
