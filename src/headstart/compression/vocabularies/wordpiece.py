"""WordPiece: the longest piece that a word begins with, then the longest that continues it, and so on.

Of fewer pieces the longest is the same as long as it stays. Song et al., EMNLP 2021, arXiv:2012.15524 (section 2).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headstart.compression.vocabularies.reach import out_of_reach

Model = dict[str, Any]


def always(model: Model) -> set[int]:
    """The unknown token, every character alone, and pieces with a character that does not stand alone in its place."""
    prefix, vocabulary = model["continuing_subword_prefix"], model["vocab"]
    first = {piece for piece in vocabulary if len(piece) == 1}
    later = {piece.removeprefix(prefix) for piece in vocabulary if piece.startswith(prefix)}
    later = {piece for piece in later if len(piece) == 1}

    def stays(piece: str) -> bool:
        if piece == model["unk_token"]:
            return True
        if piece.startswith(prefix) and piece != prefix:
            rest = piece.removeprefix(prefix)
            return len(rest) == 1 or not set(rest) <= later
        return len(piece) == 1 or not (piece[:1] in first and set(piece[1:]) <= later)

    return {number for piece, number in vocabulary.items() if stays(piece)}


def needed(model: Model, kept: set[int]) -> set[int]:
    """Nothing else: a piece is found whole."""
    return kept


def without(model: Model, kept: frozenset[int]) -> Model:
    """With the other pieces as no text has them."""
    named = ((piece if number in kept else out_of_reach(number), number) for piece, number in model["vocab"].items())
    return model | {"vocab": dict(named)}


def renumbered(model: Model, number: Mapping[int, int]) -> Model:
    """With other numbers; pieces that get none are gone."""
    return model | {"vocab": {piece: number[old] for piece, old in model["vocab"].items() if old in number}}
