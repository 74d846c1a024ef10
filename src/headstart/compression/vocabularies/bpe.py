"""Byte pair encoding: pairs of neighbours are merged, the earliest learned first. Sennrich et al., ACL 2016.

Where all that a piece can be merged from stays, and the merges with it, the merge that comes first is the same.
arXiv:1508.07909.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from headstart.compression.vocabularies.reach import out_of_reach

Model = dict[str, Any]


def always(model: Model) -> set[int]:
    """All that is no merge of others: bytes, characters, the unknown token."""
    vocabulary = model["vocab"]
    made = {piece for _, _, piece in _merges(model)}
    return {number for piece, number in vocabulary.items() if piece not in made}


def needed(model: Model, kept: set[int]) -> set[int]:
    """With all pieces that those kept can be merged from."""
    vocabulary, parts = model["vocab"], dict[int, set[int]]()
    for first, second, made in _merges(model):
        parts.setdefault(vocabulary[made], set()).update((vocabulary[first], vocabulary[second]))
    found, new = set(kept), list(kept)
    while new:
        more = parts.get(new.pop(), set()) - found
        found |= more
        new += more
    return found


def without(model: Model, kept: frozenset[int]) -> Model:
    """With the other pieces as no text has them, and without their merges."""
    named = ((piece if number in kept else out_of_reach(number), number) for piece, number in model["vocab"].items())
    return model | {"vocab": dict(named), "merges": _merges_of(model, kept)}


def renumbered(model: Model, number: Mapping[int, int]) -> Model:
    """With other numbers; pieces that get none are gone, and so are their merges."""
    vocabulary = {piece: number[old] for piece, old in model["vocab"].items() if old in number}
    return model | {"vocab": vocabulary, "merges": _merges_of(model, number)}


def _merges_of(model: Model, kept: Container[int]) -> list[Any]:
    pairs = zip(model["merges"], _merges(model), strict=True)
    return [written for written, made in pairs if all(model["vocab"][piece] in kept for piece in made)]


def _merges(model: Model) -> Iterator[tuple[str, str, str]]:
    """What is merged, and what of it becomes; older files write both parts as one string."""
    skipped = len(model.get("continuing_subword_prefix") or "")
    for each in model["merges"]:
        first, second = each.split(" ") if isinstance(each, str) else each
        yield first, second, first + second[skipped:]
