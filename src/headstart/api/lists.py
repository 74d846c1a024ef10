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


# Rooms of methods, and what their rows are called; "": as each plugin says.
ROOMS = {
    "methods": "",
    "adaptation.adapters": "adapt",
    "adaptation.trainers": "adapt, train",
    "adaptation.stream": "stream",
}


def list_methods() -> Listing:
    """Transfer methods: kind, paper, and what each one is.

    Kinds are "solve" (solved) and "train" (trained by epochs) of ``fit``, "adapt" (solved) and "adapt, train" of
    ``adapt``, and "stream" of ``predict``.
    """
    rows = []
    for room, kind in ROOMS.items():
        for name in plugins.names(room):
            stated = plugins.stated(room, name)
            told = {"kind": kind or stated.get("kind", ""), "paper": stated.get("paper", "")}
            rows.append({"name": name, **told, "summary": plugins.summary(room, name)})
    return Listing("methods", rows)


def list_tasks() -> Listing:
    """What targets can mean."""
    return Listing("tasks", [{"name": n, "summary": plugins.summary("tasks", n)} for n in plugins.names("tasks")])
