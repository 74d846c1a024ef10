"""The card of a folder with a text network."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import torch

from headstart.backbones.card import Card
from headstart.backbones.pretrained.family import Family
from headstart.backbones.pretrained.model_folder import ModelFolder, document
from headstart.backbones.pretrained.text.library import parsed_config
from headstart.backbones.pretrained.text.options import Pooling, TextOptions
from headstart.backbones.pretrained.text.sentence_folder import sentence_folder
from headstart.backbones.pretrained.text.tokenizer import check_fit, tokenizer_bytes
from headstart.core.boundary import Boundary
from headstart.core.errors import ConfigError
from headstart.core.preprocessing import TextPreprocessing

COUNTED_TOKENS = 32  # FLOPs on a card are those of a text of this length
LONGEST = 512  # tokens read where the folder does not say: attention of thousands costs more than it tells
UNBOUNDED = 10**6  # what libraries write for "no limit" is larger
# Of a config.json: names of classes and files, and what belongs to a classifier or to generating text.
NOT_THE_NETWORKS = {
    "_name_or_path", "architectures", "auto_map", "transformers_version", "torch_dtype", "dtype", "id2label",
    "label2id", "problem_type", "finetuning_task", "task_specific_params", "use_cache", "_attn_implementation_autoset",
}  # fmt: skip
# Kinds whose positions are numbered from the padding token's number on.
POSITIONS_AFTER_PADDING = {"roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "data2vec-text", "mpnet"}
LICENCE = re.compile(r"\A---\s*\n(?:.*\n)*?license:[ \t]*(\S+)[ \t]*\n(?:.*\n)*?---", re.MULTILINE)


def card_of_folder(
    family: Family,
    folder: ModelFolder,
    config: Mapping[str, Any],
    stated: Mapping[str, Any],
    *,
    pooling: Pooling,
    marks_ends: bool,
) -> Card:
    """Read everything but the weights.

    Args:
        family: That takes the network.
        folder: Of the network.
        config: Its config.json.
        stated: Fields of the card that do not follow from the folder: names, and where it lies.
        pooling: Where the folder does not say how its tokens become features.
        marks_ends: Whether its tokenizer must add tokens of its own at the ends of a text.

    Raises:
        DataError: a file is missing, or the tokenizer does not fit the network.
        ConfigError: the library cannot build the network.
    """
    from headstart.backbones.pretrained.measure import measured

    said = sentence_folder(folder)
    options = TextOptions(
        config={key: value for key, value in config.items() if key not in NOT_THE_NETWORKS},
        pooling=said.pooling or pooling,
        normalised=said.normalised,
        dense=tuple(layer for _, layer in said.dense),
    )
    parsed_config(options.config, folder.title)  # what is wrong with it is told with the folder's name
    network = family.layout(str(config["model_type"]), options.model_dump(mode="json"))
    built: Any = network.config
    tokenizer = tokenizer_bytes(folder, said.network)
    check_fit(tokenizer, int(built.vocab_size), marks_ends, folder.title)
    capacity = longest(options.config, built)
    most = said.max_tokens or document(folder, f"{said.network}tokenizer_config.json").get("model_max_length")
    usual = int(most) if isinstance(most, int | float) and most < UNBOUNDED else LONGEST
    return Card(
        **stated,
        modality="text",
        library="transformers",
        architecture=str(config["model_type"]),
        options=options.model_dump(mode="json"),
        preprocessing=TextPreprocessing(
            tokenizer_sha256=hashlib.sha256(tokenizer).hexdigest(),
            max_tokens=min(usual, capacity or usual, LONGEST if said.max_tokens is None else usual),
            prefix=said.prefix,
        ),
        licence=_licence(folder),
        notes="Card made from the model's own files; nothing in it was checked by Headstart.",
        **measured(family, network, one_text(COUNTED_TOKENS)),
    )


def one_text(length: int) -> Boundary:
    """Boundary 0 of one text of ``length`` tokens, without storage: for counting."""
    with torch.device("meta"):
        tokens = torch.zeros((1, length), dtype=torch.int64)
        return Boundary(tokens, torch.ones((1, length), dtype=torch.bool), {"segments": torch.zeros_like(tokens)})


def longest(values: Mapping[str, Any], config: Any) -> int | None:
    """Most tokens that a network has positions for; None where positions are relative and have no end."""
    if config.model_type in ("t5", "mt5"):
        return None
    positions = getattr(config, "max_position_embeddings", None) or values.get("n_positions")
    if positions is None:
        return None
    return int(positions) - ((config.pad_token_id or 0) + 1 if config.model_type in POSITIONS_AFTER_PADDING else 0)


def adjusted(card: Card, max_tokens: int | None, pooling: str) -> Card:
    """The card with another length or pooling; raises ConfigError when the network has no positions for it."""
    changed: dict[str, Any] = {}
    if pooling not in ("auto", card.options.get("pooling")):
        changed["options"] = {**card.options, "pooling": pooling}
    if max_tokens is not None:
        capacity = longest(card.options["config"], parsed_config(card.options["config"], card.name))
        if capacity is not None and max_tokens > capacity:
            raise ConfigError(
                f"model.max_tokens of {card.name} must be at most {capacity}, its positions; got {max_tokens}."
            )
        changed["preprocessing"] = card.preprocessing.model_copy(update={"max_tokens": max_tokens})
    return Card.parse(card.model_dump() | changed, card.name) if changed else card


def _licence(folder: ModelFolder) -> str | None:
    """As the folder's README states it on top."""
    path = folder.path("README.md")
    found = LICENCE.match(path.read_text(encoding="utf-8", errors="replace")) if path else None
    return found[1].strip("'\"") if found else None
