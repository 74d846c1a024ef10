"""Versions of packages without importing them: an import of PyTorch costs seconds, and often nothing is computed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, packages_distributions
from importlib.util import find_spec

from headstart.core.errors import MissingExtraError
from headstart.core.versions import version


def torch_version() -> str:
    """As ``torch.__version__`` has it, for example "2.13.0+cpu"."""
    return version("torch")


def extra_version(package: str, extra: str) -> str:
    """The version of an optional package; raises MissingExtraError when it is not installed."""
    if find_spec(package) is None:
        raise MissingExtraError(package, extra, f"The runtime '{package}'")
    try:
        return version(package)
    except PackageNotFoundError:  # the module comes from a distribution of another name, such as onnxruntime-gpu
        return version(packages_distributions()[package][0])
