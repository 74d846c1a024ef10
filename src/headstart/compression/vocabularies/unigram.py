"""Unigram: of all ways to cut a text into pieces the likeliest. Kudo, ACL 2018, arXiv:1804.10959.

The likeliest of all ways is the likeliest of those that are left, as long as its pieces are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headstart.compression.vocabularies.reach import out_of_reach

Model = dict[str, Any]
BYTE = 6  # characters of a byte's piece, as <0x0A>


def always(model: Model) -> set[int]:
    """The unknown token, characters, bytes, pieces with a character that does not stand alone, and the unlikeliest.

    What is unknown costs as much more than the unlikeliest piece, so that this one decides how texts are cut.
    """
    pieces = model["vocab"]
    alone = {piece for piece, _ in pieces if len(piece) == 1}
    stay = {number for number, (piece, _) in enumerate(pieces) if is_byte(piece) or not set(piece) <= alone}
    stay |= {number for number, (piece, _) in enumerate(pieces) if len(piece) == 1}
    stay.add(min(range(len(pieces)), key=lambda number: float(pieces[number][1])))
    return stay if model.get("unk_id") is None else stay | {int(model["unk_id"])}


def is_byte(piece: str) -> bool:
    """Whether a piece stands for a byte of a character that has no piece."""
    return len(piece) == BYTE and piece.startswith("<0x") and piece.endswith(">")


def needed(model: Model, kept: set[int]) -> set[int]:
    """Nothing else: a piece is found whole."""
    return kept


def without(model: Model, kept: frozenset[int]) -> Model:
    """With the other pieces as no text has them: the place in the list is the number."""
    pieces = (
        [piece if number in kept else out_of_reach(number), score]
        for number, (piece, score) in enumerate(model["vocab"])
    )
    return model | {"vocab": list(pieces)}


def renumbered(model: Model, number: Mapping[int, int]) -> Model:
    """With other numbers, in the order of the old ones; pieces that get none are gone."""
    pieces = [each for old, each in enumerate(model["vocab"]) if old in number]
    unknown = model.get("unk_id")
    return model | {"vocab": pieces, "unk_id": None if unknown is None else number[int(unknown)]}
