"""What a section hands to its template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Section:
    """One part of the page.

    Attributes:
        name: Anchor, and name of the template ``templates/sections/<name>.html``.
        title: Heading.
        short: Its word in the list of contents.
        says: What these numbers mean here, in plain words.
        read: How to read the drawing or table; empty where nothing needs explaining.
        content: A frozen dataclass that the template calls ``content``.
        is_wide: Whether the explanation stands above instead of beside.
        glance: What of it everybody should know, a short sentence for the head of the page; empty for most.
    """

    name: str
    title: str
    short: str
    says: str
    read: str
    content: Any
    is_wide: bool = False
    glance: str = ""
