"""Files that take prepared inputs of sizes set when they are written, one example at a time.

Runtimes for phones plan their memory before they run. So a reader does here what other formats hold in the file: it
resizes pictures, counts all words of the vocabulary, and pads texts and recordings to the next of a few lengths, each
of which is an entry of its own into the file; the entries share their weights.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from headstart.core.preprocessing import ImagePreprocessing, SoundPreprocessing, TextPreprocessing
from headstart.exporting.exportable import Exportable, RawInput
from headstart.exporting.model_nodes import shapes_of

ONLY = "forward"  # the entry where all sides are fixed
FEWEST_TOKENS = 32
GROWTH = 4  # from one length to the next: an input costs at most so many times what its own length would


def dtype_of(each: RawInput) -> Any:
    """Of the tensor that a file of fixed sizes takes."""
    return {"image": np.uint8, "text": np.int32}.get(each.kind, np.float32)


def entries_of(model: Exportable) -> dict[str, dict[str, list[int]]]:
    """Shapes ``(1, ...)`` of the inputs by name, by entry, the smallest first.

    Where several inputs have lengths, an entry has the same place in the list of each.
    """
    lengths = {each.name: _lengths(model, each) for each in model.inputs}
    several = max(lengths, key=lambda name: len(lengths[name]))
    found = {}
    for place, length in enumerate(lengths[several] or [0]):
        entry = f"{several}_{length}" if length else ONLY
        found[entry] = {each.name: _shape(model, each, lengths[each.name], place) for each in model.inputs}
    return found


def _lengths(model: Exportable, each: RawInput) -> list[int]:
    """Of an axis that differs from input to input; none where none does."""
    if each.kind not in ("text", "sound"):
        return []
    preprocessing = model.network(model.sources[each.source]).preprocessing
    if isinstance(preprocessing, TextPreprocessing):
        first, last = FEWEST_TOKENS, preprocessing.max_tokens
    else:
        assert isinstance(preprocessing, SoundPreprocessing)  # noqa: S101 - the two kinds that have lengths
        first, last = preprocessing.padded(preprocessing.min_samples), preprocessing.padded(preprocessing.max_samples)
    found = [last]
    while first < last:
        found.insert(-1, first)
        first *= GROWTH
    return found


def _shape(model: Exportable, each: RawInput, lengths: list[int], place: int) -> list[int]:
    if each.kind == "image":
        preprocessing = model.network(model.sources[each.source]).preprocessing
        assert isinstance(preprocessing, ImagePreprocessing)  # noqa: S101 - pictures have that one
        return [1, *preprocessing.image_size, 3]
    if each.kind == "terms":
        arrays = model.fitted(model.sources[each.source])[1].arrays
        return [1, len(arrays["words_rarity"]) + len(arrays["characters_rarity"])]
    if each.kind == "columns":
        return [1, int(shapes_of(model)[each.name][1][1])]
    length = lengths[min(place, len(lengths) - 1)]
    return [1, length, 2] if each.kind == "text" else [1, length]
