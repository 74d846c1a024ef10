"""The tokenizer of a model folder, in the format of the tokenizers library, and whether it fits the network."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Mapping
from typing import Any

from headstart.backbones.card import Card
from headstart.backbones.pretrained.model_folder import ModelFolder
from headstart.backbones.pretrained.text.library import EXTRA, quiet, transformers
from headstart.core.errors import DataError, IntegrityError, MissingExtraError
from headstart.core.preprocessing import TextPreprocessing
from headstart.core.preprocessing.text import TOKENIZER

# Of tokenizers that are not in the format of the tokenizers library; which ones a network has depends on its kind.
OLDER = (
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "spiece.model",
    "spm.model",
    "sentencepiece.bpe.model",
    "tokenizer.model",
)
BESIDE = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
FILLED = 0.5  # share of the network's rows that its tokenizer uses at least; rows are rounded up, never doubled


def tokenizer_bytes(folder: ModelFolder, network: str = "") -> bytes:
    """tokenizer.json, or what the library makes of the older files.

    Raises:
        DataError: the folder has neither, or the older files cannot be read.
    """
    path = folder.path(network + TOKENIZER)
    if path is not None:
        return path.read_bytes()
    found = [path for file in OLDER if (path := folder.path(network + file))]
    if not found:
        raise DataError(
            f"a folder of a text network must hold {TOKENIZER} or one of {list(OLDER)}; {folder.title} has none. "
            "Save the tokenizer beside the weights with save_pretrained."
        )
    for file in BESIDE:
        folder.path(network + file)  # a hub's files come into one folder
    return _converted(str(found[0].parent), folder.title)


def _converted(place: str, title: str) -> bytes:
    library = transformers()
    try:
        with quiet():
            tokenizer = library.AutoTokenizer.from_pretrained(
                place, local_files_only=True, use_fast=True, trust_remote_code=False
            )
        return str(tokenizer.backend_tokenizer.to_str()).encode("utf-8")
    except Exception as error:  # the library raises anything, from ImportError to plain Exception
        reason = " ".join(str(error).split())[:200]
        raise DataError(
            f"the tokenizer of {title} must be one that transformers can read; it cannot ({reason}). "
            f"Save it as {TOKENIZER} where it can be read."
        ) from None


def check_fit(content: bytes, rows: int, marks_ends: bool, title: str) -> None:
    """Whether every token has a row of the network's embeddings, and texts get the tokens that mark their ends.

    Raises:
        DataError: it does not fit; both numbers are told.
    """
    try:
        tokenizer: Any = importlib.import_module("tokenizers").Tokenizer.from_str(content.decode("utf-8"))
    except ImportError:
        raise MissingExtraError("tokenizers", EXTRA, "a text network") from None
    except Exception as error:  # the package raises plain Exception
        reason = " ".join(str(error).split())[:200]
        raise DataError(f"{TOKENIZER} of {title} must be a tokenizer; it cannot be read ({reason}).") from None
    numbers = tokenizer.get_vocab(with_added_tokens=True).values()
    highest = max(numbers, default=-1)
    if not FILLED * rows - 1 <= highest < rows:
        raise DataError(
            f"the tokenizer of {title} must fit its network; its tokens are numbered up to {highest}, the network has "
            f"rows for {rows}. They come from different models: use the tokenizer that the weights were trained with."
        )
    tokenizer.no_truncation()
    tokenizer.no_padding()
    if marks_ends and len(tokenizer.encode("a").ids) == len(tokenizer.encode("a", add_special_tokens=False).ids):
        raise DataError(
            f"the tokenizer of {title} must mark where a text ends, as its network was trained; it adds no special "
            "token. Save it again with its post-processor."
        )


def checked_tokenizer(folder: ModelFolder, card: Card, network: str = "") -> Mapping[str, bytes]:
    """The asset of a card: raises IntegrityError when the tokenizer is not the one that the card was made with."""
    content = tokenizer_bytes(folder, network)
    sha256 = hashlib.sha256(content).hexdigest()
    preprocessing = card.preprocessing
    stated = preprocessing.tokenizer_sha256 if isinstance(preprocessing, TextPreprocessing) else ""
    if stated and stated != sha256:
        raise IntegrityError(
            f"the tokenizer of {card.name} must have sha256 {stated}; it has {sha256}. It was replaced, or made anew "
            "by another version of transformers: restore it, or start a new run."
        )
    return {TOKENIZER: content}
