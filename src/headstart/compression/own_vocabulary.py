"""A text network whose table of embeddings holds the tokens alone that some texts use: most of a small one's file.

Abdaoui, Pradel & Sigel, SustaiNLP 2020, arXiv:2010.05609, cut multilingual networks down to languages; here it is to
the texts of a task, and what judges a text must not know its words (see :mod:`headstart.api.compressing_vocabulary`).
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.compression.vocabularies.trimming import kept_for, renumbered, without
from headstart.core.errors import ConfigError
from headstart.core.preprocessing.text import TOKENIZER
from headstart.core.resources import MIB

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone

Numbers = NDArray[np.int64]
NUMBERS = "_token_id"  # how names of a config end that hold numbers of tokens


def kept_numbers(backbone: Backbone, used: Iterable[int]) -> Numbers:
    """``(V',)`` ascending: tokens that a vocabulary of ``used`` must hold, those that the network names among them.

    Raises:
        ConfigError: the network or its tokenizer cannot be had with fewer.
    """
    rows = len(table_of(backbone)[1])
    named = {number for _, number in _named(backbone) if 0 <= number < rows}
    found = kept_for(backbone.assets[TOKENIZER], {*used, *named}) | named
    if max(found) >= rows:
        raise ConfigError(f"{backbone.name} must have a row for each of its tokens; its tokenizer has more.")
    return np.array(sorted(found), np.int64)


def table_of(backbone: Backbone) -> tuple[list[str], NDArray[np.float32]]:
    """Names of the table of embeddings in the network's state dict, and its values ``(V, C)``.

    Raises:
        ConfigError: there is none that the tokens of texts number alone.
    """
    network: Any = backbone.network
    table = network.model.get_input_embeddings().weight
    names = [name for name, value in network.state_dict().items() if value.data_ptr() == table.data_ptr()]
    if not names or len(table) != int(network.config.vocab_size):
        raise ConfigError(f"{backbone.name} must have one row of embeddings for each token; it has {len(table)}.")
    return names, table.detach().numpy()


def with_vocabulary(backbone: Backbone, kept: Numbers) -> Backbone:
    """The network with the tokens ``kept`` alone, numbered anew, in eval mode; texts of these give the same features.

    Args:
        backbone: Of texts.
        kept: ``(V',)`` ascending, as :func:`kept_numbers` gives them.

    Raises:
        ConfigError: it cannot be had so.
    """
    import torch

    from headstart.backbones.card import Card
    from headstart.backbones.pretrained.load import build_from

    names, table = table_of(backbone)
    number = {int(old): new for new, old in enumerate(kept)}
    content = renumbered(backbone.assets[TOKENIZER], frozenset(number))
    config = dict(backbone.card.options["config"])
    config |= {"vocab_size": len(kept), **{name: number[old] for name, old in _named(backbone) if old in number}}
    if config.get("pad_token_id") != backbone.card.options["config"].get("pad_token_id"):
        raise ConfigError(  # positions are counted from it, and graphs hold it
            f"the padding token of {backbone.name} must be among its first ones; it is number "
            f"{backbone.card.options['config']['pad_token_id']:,}."
        )
    gone = (len(table) - len(kept)) * table.shape[1]
    card = Card.parse(
        backbone.card.model_dump() | {
            "options": {**backbone.card.options, "config": config},
            "preprocessing": _reading(backbone, content),
            "parameters": backbone.card.parameters - gone,
            "size_mib": round(backbone.card.size_mib - 4 * gone / MIB, 1),
        },
        backbone.name,
    )  # fmt: skip
    rows = torch.from_numpy(table[kept])
    tensors = {**backbone.network.state_dict(), **dict.fromkeys(names, rows)}
    made = build_from(card, tensors, {**backbone.assets, TOKENIZER: content}).eval()
    _require_the_same(backbone, made, number)
    return made


def reading_only(backbone: Backbone, kept: Numbers) -> Backbone:
    """The same network, which reads texts with the tokens ``kept`` alone, under the numbers that they have."""
    content = without(backbone.assets[TOKENIZER], frozenset(kept.tolist()))
    found = copy.copy(backbone)  # the same tensors
    found.card = backbone.card.model_copy(update={"preprocessing": _reading(backbone, content)})
    found.assets = {**backbone.assets, TOKENIZER: content}
    return found


def _reading(backbone: Backbone, content: bytes) -> Any:
    return backbone.preprocessing.model_copy(update={"tokenizer_sha256": hashlib.sha256(content).hexdigest()})


def _named(backbone: Backbone) -> list[tuple[str, int]]:
    """Tokens that the network's config names: of padding, of beginnings, of ends."""
    config = backbone.card.options["config"]
    return [(name, value) for name, value in config.items() if name.endswith(NUMBERS) and isinstance(value, int)]


def _require_the_same(before: Backbone, now: Backbone, number: dict[int, int]) -> None:
    from headstart.data.text_prepare import load_tokenizer

    old, new = (load_tokenizer(each.assets, "").get_vocab(with_added_tokens=True) for each in (before, now))
    if any(number.get(old[piece]) != found for piece, found in new.items()):
        raise ConfigError(f"the tokenizer of {before.name} numbers its own tokens anew when it is read.")
