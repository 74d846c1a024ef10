"""The page "Architecture": made from the source at every build, so that it cannot say what is no longer so."""

from __future__ import annotations

import drawing as pen
from rooms import Room, rooms


def drawing() -> str:
    """The rooms and their imports as a picture."""
    return pen.svg(rooms())


def table() -> str:
    """A row per room, from the command line down to the contracts."""
    head = ["| room | what it is for | imports |", "|--|--|--|"]
    return "\n".join([*head, *(row(room) for room in reversed(rooms()))])


def row(room: Room) -> str:
    """Markdown; the room's name is where the drawing's box leads to."""
    imports = " ".join(f"[{name}](#{name})" for name in room.imports) or "no other room"
    purpose = room.purpose.replace("|", "\\|").replace("``", "`")
    return f'| <span id="{room.name}">`{room.name}`</span> | {purpose} | {imports} |'
