"""The tensors of a folder with a text network: one file or several, and those of layers after the pooling."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.backbones.card import Card
from headstart.backbones.pretrained.model_folder import ModelFolder, document
from headstart.backbones.pretrained.source import Weights
from headstart.backbones.pretrained.text.sentence_folder import sentence_folder
from headstart.backbones.pretrained.weight_file import read_weight_file
from headstart.core.errors import DataError, IntegrityError
from headstart.core.files import sha256_json

if TYPE_CHECKING:
    from torch import Tensor

FILES = ("model.safetensors", "pytorch_model.bin")  # in order of preference; large models are split beside an index


def read_weights(folder: ModelFolder, card: Card) -> Weights:
    """Tensors under the library's names; layers after the pooling under "pool.dense.<number>.".

    ``sha256`` is that of the one file, or of the list of all files' when there are several.

    Raises:
        DataError: no weights, or a file of several is missing.
        IntegrityError: ``card.sha256`` is set and differs; a damaged file.
    """
    said = sentence_folder(folder)
    places = [("", path) for path in weight_files(folder, said.network)]
    for number, (place, _) in enumerate(said.dense):
        places += [(f"pool.dense.{number}.", path) for path in weight_files(folder, place)]
    tensors: dict[str, Tensor] = {}
    hashes = []
    for prefix, path in places:
        found, sha256 = read_weight_file(path, card.sha256 if len(places) == 1 else None)
        tensors |= {prefix + _plain(name, prefix): value for name, value in found.items()}
        hashes.append(sha256)
    sha256 = hashes[0] if len(hashes) == 1 else sha256_json(hashes)
    if card.sha256 is not None and card.sha256 != sha256:
        raise IntegrityError(
            f"the weights of {card.name} must have sha256 {card.sha256}; they have {sha256}. "
            "The files are damaged or were replaced: fetch them again."
        )
    return Weights(tensors, sha256, match="checkpoint")


def weight_files(folder: ModelFolder, place: str = "") -> list[Path]:
    """One file, or all that an index names; raises DataError when there is none or one of several is missing."""
    for file in FILES:
        if (path := folder.path(place + file)) is not None:
            return [path]
        if names := sorted(set(document(folder, f"{place}{file}.index.json").get("weight_map", {}).values())):
            return list(_parts(folder, place, names))
    raise DataError(f"a model folder must hold one of {list(FILES)}; {folder.title} holds none. Complete the folder.")


def _parts(folder: ModelFolder, place: str, names: list[str]) -> Iterator[Path]:
    for name in names:
        if (path := folder.path(place + name)) is None:
            raise DataError(f"the weights of {folder.title} must be complete; {name} is missing. Fetch it again.")
        yield path


def _plain(name: str, prefix: str) -> str:
    """A layer after the pooling is called "linear" in its file."""
    return name.removeprefix("linear.") if prefix else name
