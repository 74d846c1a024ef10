"""A folder of a transformers model, on this machine or on a hub: which files it has, and reading the small ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from headstart.core.errors import DataError, IntegrityError
from headstart.core.files import read_json

CONFIG = "config.json"
MODULES = "modules.json"  # written by sentence-transformers
SIGNS = ("tokenizer.json", "tokenizer_config.json", "preprocessor_config.json")  # lie beside such weights alone


class ModelFolder(Protocol):
    """Files by their path inside the folder."""

    @property
    def title(self) -> str:
        """What to call it in messages."""

    def path(self, file: str) -> Path | None:
        """Where the file can be read; None when the folder has none of that name. A hub's file may be fetched."""


class LocalFolder:
    """A folder on this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def title(self) -> str:
        """Its path as the user wrote it."""
        return str(self.folder)

    def path(self, file: str) -> Path | None:
        """A file that exists."""
        path = self.folder / file
        return path if path.is_file() else None


class Inside:
    """A folder within a model folder."""

    def __init__(self, folder: ModelFolder, place: str) -> None:
        self.folder, self.place = folder, place

    @property
    def title(self) -> str:
        """Both names."""
        return f"{self.folder.title}/{self.place.rstrip('/')}"

    def path(self, file: str) -> Path | None:
        """A file of the inner folder."""
        return self.folder.path(self.place + file)


def required(folder: ModelFolder, file: str, purpose: str) -> Path:
    """Where a file is; raises DataError when the folder lacks it."""
    path = folder.path(file)
    if path is None:
        raise DataError(f"a model folder must hold {file}, {purpose}; {folder.title} has none. Complete the folder.")
    return path


def document(folder: ModelFolder, file: str) -> Any:
    """A JSON file's content; {} when the folder has none of that name.

    Raises:
        DataError: it is not JSON.
    """
    path = folder.path(file)
    if path is None:
        return {}
    try:
        return read_json(path)
    except IntegrityError as error:
        raise DataError(f"in the model folder {folder.title}, {error}") from None


def config_of(folder: ModelFolder) -> dict[str, Any]:
    """Its config.json; raises DataError when there is none, or none that names a kind of model."""
    required(folder, CONFIG, "which says what the network looks like")
    config = document(folder, CONFIG)
    if not isinstance(config, dict) or not isinstance(config.get("model_type"), str):
        raise DataError(
            f"config.json of {folder.title} must name a 'model_type' of the transformers library; it does not. "
            "Save the model with save_pretrained."
        )
    return config


def is_model_folder(path: Path) -> bool:
    """Whether a folder looks like one of the transformers library (timm's config.json names an architecture)."""
    folder = LocalFolder(path)
    if not path.is_dir():
        return False
    if any(folder.path(file) for file in (MODULES, *SIGNS)):
        return True
    config = document(folder, CONFIG)
    return isinstance(config, dict) and "model_type" in config and "architecture" not in config
