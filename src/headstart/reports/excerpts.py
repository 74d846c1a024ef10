"""What may be shown of an example: a picture that is inside the page itself, or a text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headstart.reports.names import shorten

# Nothing but a picture inside the page itself may be shown: no address, no SVG (it can hold links and scripts).
PICTURE = re.compile(r"data:image/(?:jpeg|png|webp|gif);base64,[A-Za-z0-9+/]+={0,2}")
LONGEST_TEXT, LONGEST_CAPTION = 400, 60  # characters


@dataclass(frozen=True)
class Excerpt:
    """A thumbnail or a text, None and empty where there is none to show, and a few words on it."""

    source: str | None = None
    text: str = ""
    caption: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look at."""
        return self.source is None and not self.text


def read_excerpt(item: Mapping[str, Any]) -> Excerpt:
    """``thumbnail``, ``text`` and ``caption`` of an entry of examples.json; other keys are left alone."""
    source = item.get("thumbnail")
    is_safe = isinstance(source, str) and PICTURE.fullmatch(source)
    return Excerpt(
        source if is_safe else None,
        _text(item.get("text"), LONGEST_TEXT),
        _text(item.get("caption"), LONGEST_CAPTION),
    )


def _text(value: Any, longest: int) -> str:
    """Empty where there is none."""
    return shorten(value, longest) if value else ""
