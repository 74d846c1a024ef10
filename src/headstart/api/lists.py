"""``list_models``, ``list_methods``, ``list_tasks``: from folders and JSON, nothing heavy is imported."""

from __future__ import annotations

from headstart.api.results import Listing
from headstart.core import plugins


def list_models(
    *,
    text: str = "",
    modality: str | None = None,
    family: str | None = None,
    licence: str | None = None,
    max_parameters: int | None = None,
    installed: bool | None = None,
) -> Listing:
    """Cards of the pretrained models that Headstart knows.

    Any other timm or transformers model works by its hub name or folder.

    Args:
        text: Part of a name, of the pretraining data or of the notes.
        modality: Only networks that see this: "image", "text" or "sound".
        family: Only this family.
        licence: Only this licence identifier, case ignored.
        max_parameters: At most this many parameters.
        installed: True: only models whose weights are on this machine.
    """
    from headstart.backbones import catalogue

    cards = catalogue.select(
        catalogue.cards(),
        text=text,
        modality=modality,
        family=family,
        licence=licence,
        max_parameters=max_parameters,
        installed=installed or None,
    )
    rows = [{**card.to_dict(), "embedded": card.embedded} for card in cards]
    return Listing("models", rows)


def list_methods() -> Listing:
    """Transfer methods: kind ("solve": solved, "train": trained by epochs), paper, and what each one is."""
    rows = []
    for name in plugins.names("methods"):
        stated = plugins.stated("methods", name)
        told = {key: stated.get(key, "") for key in ("kind", "paper")}
        rows.append({"name": name, **told, "summary": plugins.summary("methods", name)})
    return Listing("methods", rows)


def list_tasks() -> Listing:
    """What targets can mean."""
    return Listing("tasks", [{"name": n, "summary": plugins.summary("tasks", n)} for n in plugins.names("tasks")])
