"""Converters of other projects: whether they are there, and what they say while they work."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import logging
import warnings
from collections.abc import Iterator

from headstart.core.errors import MissingExtraError


def require_packages(packages: dict[str, str], extra: str) -> None:
    """Raise MissingExtraError unless modules can be found; ``packages``: by module, what an installer calls it."""
    for module, package in packages.items():
        if importlib.util.find_spec(module) is None:
            raise MissingExtraError(package, extra, f"headstart export --format {extra}")


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without gradients, and without their remarks on libraries that they look for and do not need."""
    import torch

    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), torch.no_grad(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def first_line(error: Exception) -> str:
    """What an error says, in short."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
