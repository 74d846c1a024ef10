"""Converters of other projects: whether they are there, and what they say while they work."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import logging
import warnings
from collections.abc import Iterator
from importlib.metadata import version

from headstart.core.errors import BackendError, MissingExtraError


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


def refused(package: str, error: Exception) -> BackendError:
    """What a user is told where a converter cannot follow a model."""
    said = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return BackendError(
        f"{package} {version(package)} must be able to convert the whole model; of this one it says: {said} Nothing "
        "was written. Export it with --format onnx, or fit with another --model."
    )
