"""``list_models``, ``list_methods``, ``list_tasks``: from folders and JSON, nothing heavy is imported."""

from __future__ import annotations

from headstart.api.results import Listing
from headstart.core import plugins


def list_models(
    *,
    family: str | None = None,
    licence: str | None = None,
    max_parameters: float | None = None,
    installed: bool = False,
) -> Listing:
    """Cards of the pretrained models that Headstart knows; any other timm model works by name as ``timm/NAME``.

    Args:
        family: Only this family.
        licence: Only licences whose name contains this, case ignored.
        max_parameters: At most this many parameters.
        installed: Only models whose weights are on this machine.
    """
    from headstart.backbones import catalogue

    cards = catalogue.find(family=family, licence=licence, max_parameters=max_parameters, installed=installed)
    return Listing("models", [card.model_dump(mode="json") for card in cards])


def list_methods() -> Listing:
    """Transfer methods and what each one is, from the first line of its file."""
    return Listing("methods", [{"name": n, "summary": plugins.summary("methods", n)} for n in plugins.names("methods")])


def list_tasks() -> Listing:
    """What targets can mean."""
    return Listing("tasks", [{"name": n, "summary": plugins.summary("tasks", n)} for n in plugins.names("tasks")])
