"""What a person would say of an input without knowing what it means: large, dark, silent, in capitals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats
from headstart.core.modality import Modality
from headstart.core.schema import InputSchema
from headstart.core.text_content import texts_of

MAKE_UP = ("letters beyond a to z", "capitals", "digits", "punctuation")
READ = 2000  # characters of a text whose make-up is looked at


def part_facts(
    kind: Modality, sizes: NDArray[np.int64], prepared: NDArray[Any] | None, contents: Sequence[bytes] | None
) -> dict[str, Floats]:
    """``(n,)`` numbers by name, of one part of n examples.

    Args:
        kind: Of the part.
        sizes: ``(n, M)`` that the modality's ``look`` measured.
        prepared: ``(n, F)`` of the modality's ``facts``; None where nothing prepares these inputs.
        contents: n inputs' bytes, of texts; None: their make-up is not looked at.
    """
    found = dict(zip(kind.size_fact_names, np.asarray(kind.size_facts(sizes), np.float64).T, strict=True))
    if prepared is not None:
        found |= dict(zip(kind.fact_names, np.asarray(prepared, np.float64).T, strict=True))
    if kind.name == "text" and contents is not None:
        shares = np.array([make_up(content) for content in contents], np.float64).reshape(-1, len(MAKE_UP))
        found |= dict(zip(MAKE_UP, shares.T, strict=True))
    return found


def make_up(content: bytes) -> tuple[float, ...]:
    """Shares (0-1) of a text's characters by name of :data:`MAKE_UP`: its language shows in them, not its words."""
    text = "".join(texts_of(content))[:READ]
    n = max(len(text), 1)
    beyond = sum(not letter.isascii() and letter.isalpha() for letter in text) if not text.isascii() else 0
    capitals, digits = sum(map(str.isupper, text)), sum(map(str.isdigit, text))
    plain = sum(map(str.isalnum, text)) + sum(map(str.isspace, text))
    return beyond / n, capitals / n, digits / n, (len(text) - plain) / n


def part_names(schema: InputSchema) -> tuple[str, ...]:
    """What stands before a fact's name, for each part: nothing where there is one."""
    return ("",) if len(schema.parts) == 1 else tuple(f"{part.name}: " for part in schema.parts)
