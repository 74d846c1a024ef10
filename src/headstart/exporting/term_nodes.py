"""Counted words and characters in the graph: from term numbers and counts to the features of ``tfidf``.

The reader finds a text's terms in the vocabulary and counts them; how rare a term is, the logarithm of its count and
the lengths of both blocks are in the graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Fitted
from headstart.exporting.graph_nodes import Operators, Value


def term_nodes(nodes: Operators, terms: Value, arrays: Mapping[str, NDArray[Any]]) -> Value:
    """``(B, V)`` float32 of ``terms`` ``(B, T, 2)`` int32: a term's number and how often it comes, -1 where padded."""
    size = len(arrays["words_rarity"]) + len(arrays["characters_rarity"])
    place, weight = _weighted(nodes, terms, arrays)
    first = nodes("Slice", weight, *(nodes.constant([each], np.int64) for each in (0, 1, 1)))
    zeros = nodes("MatMul", first, nodes.constant(np.zeros((1, size + 1))))  # (B, V + 1), for any B
    dense = nodes("ScatterElements", zeros, place, weight, axis=1)
    return nodes("Slice", dense, *(nodes.constant([each], np.int64) for each in (0, size, 1)))


def counted_nodes(nodes: Operators, counts: Value, arrays: Mapping[str, NDArray[Any]]) -> Value:
    """The same of ``counts`` ``(B, V)`` float32: how often each term of the vocabulary comes."""
    words = len(arrays["words_rarity"])
    rarity = np.concatenate([arrays["words_rarity"], arrays["characters_rarity"]])
    often = nodes("Max", counts, nodes.constant(1))
    weight = nodes("Mul", nodes("Add", nodes("Log", often), nodes.constant(1)), nodes.constant(rarity))
    weight = nodes("Where", nodes("Greater", counts, nodes.constant(0)), weight, nodes.constant(0))
    blocks = []
    for low, high in ((0, words), (words, len(rarity))):
        if low < high:
            block = nodes("Slice", weight, *(nodes.constant([each], np.int64) for each in (low, high, 1)))
            blocks.append(nodes("Mul", block, _scale(nodes, block)))
    return nodes("Concat", *blocks, axis=1)


def linear_of_terms(nodes: Operators, terms: Value, arrays: Mapping[str, NDArray[Any]], head: Fitted) -> Value:
    """Outputs ``(B, W)`` of a linear head on such features: of its rows only those of the text's terms are read."""
    place, weight = _weighted(nodes, terms, arrays)
    across = np.pad(head.arrays["weight"].T, ((0, 1), (0, 0)))  # (V + 1, W); the last: padding
    rows = nodes("Gather", nodes.constant(across), place, axis=0)  # (B, T, W)
    total = nodes("MatMul", nodes("Unsqueeze", weight, nodes.constant([1], np.int64)), rows)
    return nodes("Add", nodes("Squeeze", total, nodes.constant([1], np.int64)), nodes.constant(head.arrays["bias"]))


def _weighted(nodes: Operators, terms: Value, arrays: Mapping[str, NDArray[Any]]) -> tuple[Value, Value]:
    """Places among the V features, V where padded, and values there, ``(B, T)`` each."""
    words = len(arrays["words_rarity"])
    rarity = np.concatenate([arrays["words_rarity"], arrays["characters_rarity"], [0.0]])  # the last: padding
    number, count = (
        nodes.cast(nodes("Gather", terms, nodes.constant(column, np.int64), axis=2), np.int64) for column in (0, 1)
    )
    is_term = nodes("GreaterOrEqual", number, nodes.constant(0, np.int64))
    place = nodes("Where", is_term, number, nodes.constant(len(rarity) - 1, np.int64))
    often = nodes.cast(nodes("Max", count, nodes.constant(1, np.int64)), np.float32)
    weight = nodes("Add", nodes("Log", often), nodes.constant(1))
    weight = nodes("Mul", weight, nodes("Gather", nodes.constant(rarity), place, axis=0))
    is_word = nodes("Less", place, nodes.constant(words, np.int64))
    none = nodes.constant(0)
    scales = [_scale(nodes, nodes("Where", is_word, *block)) for block in ((weight, none), (none, weight))]
    return place, nodes("Mul", weight, nodes("Where", is_word, *scales))


def _scale(nodes: Operators, weights: Value) -> Value:
    """``(B, 1)``: one over length times the root of 2 (there are two blocks); 1 where a block holds nothing."""
    squares = nodes("ReduceSum", nodes("Mul", weights, weights), nodes.constant([1], np.int64), keepdims=1)
    some = nodes("Where", nodes("Greater", squares, nodes.constant(0)), squares, nodes.constant(1))
    return nodes("Div", nodes.constant(1), nodes("Sqrt", nodes("Mul", some, nodes.constant(2))))
