"""Files of the Hugging Face hub: fetched into its own cache, which other programs share, or found there.

What is in the cache is used without asking the network.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from headstart.core.errors import UserError

logger = logging.getLogger(__name__)


def fetch(repository: str, filename: str) -> Path:
    """Download one file; every way of failing is a UserError that names what was asked for."""
    from huggingface_hub import hf_hub_download

    try:
        return Path(hf_hub_download(repository, filename))
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()
        raise UserError(
            f"{filename} of {repository} must be on the Hugging Face hub or in its cache; it could not be fetched "
            f"({type(error).__name__}: {reason[0] if reason else 'no reason given'}). Check the name and the network, "
            "or name a local folder with config.json and model.safetensors."
        ) from error


def is_absent(error: UserError) -> bool:
    """Whether a fetch failed because the repository has no such file, and not because it could not be asked."""
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    cause = error.__cause__
    return isinstance(cause, EntryNotFoundError) and not isinstance(cause, LocalEntryNotFoundError)


def cached(repository: str, filename: str) -> Path | None:
    """A file in the hub's cache, looked up by its layout: importing the client would take longer than a listing may."""
    snapshot = _snapshot(repository, "snapshots")
    path = snapshot / filename if snapshot else None
    return path if path is not None and path.is_file() else None


def known_absent(repository: str, filename: str) -> bool:
    """Whether the cache remembers that the repository has no such file."""
    marks = _snapshot(repository, ".no_exist")
    return marks is not None and (marks / filename).exists()


def _snapshot(repository: str, kind: str) -> Path | None:
    home = Path(os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "huggingface"))
    cache = Path(os.environ.get("HF_HUB_CACHE") or home / "hub").expanduser()
    folder = cache / f"models--{repository.replace('/', '--')}"
    main = folder / "refs" / "main"
    return folder / kind / main.read_text(encoding="utf-8").strip() if main.is_file() else None


class HubFolder:
    """A repository as a model folder; small files are fetched when they are asked for."""

    def __init__(self, repository: str) -> None:
        self.repository = repository

    @property
    def title(self) -> str:
        """The repository's name."""
        return self.repository

    def path(self, file: str) -> Path | None:
        """From the cache, else fetched; None when the repository has no such file.

        Without a network, a repository that is in the cache is taken as it is there, and a line says so.
        """
        found = cached(self.repository, file)
        if found is not None or known_absent(self.repository, file):
            return found
        try:
            return fetch(self.repository, file)
        except UserError as error:
            if is_absent(error):
                return None
            if cached(self.repository, "config.json") is None or file == "config.json":
                raise
            logger.warning("%s of %s is not in the cache and could not be asked for: taken as absent", file, self.title)
            return None
