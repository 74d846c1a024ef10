"""From what a user names, or hands over in Python, to a reading; and how it is written into a request."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from headstart.data.read import Reading, read
from headstart.features.workshop import threads_of
from headstart.request.fit_config import FitConfig


def read_sources(request: FitConfig, sources: tuple[Any, Any], *, target_optional: bool = False) -> Reading:
    """Data, and separate test data or None, read as the request says; ``target_optional`` keeps rows without one."""
    data, test = sources
    return read(
        data,
        target=request.target,
        input=request.input,
        id=request.id,
        drop=request.drop,
        test=test,
        groups=request.groups,
        slices=request.slices,
        allow_bad=request.allow_bad,
        workers=threads_of(request),
        target_optional=target_optional,
    )


def shown(source: Any) -> str | None:
    """How a source is written into request.yaml: a path as it is, an object as a description."""
    if source is None or isinstance(source, str):
        return source
    if isinstance(source, Path):
        return str(source)
    size = f" of {len(source)}" if hasattr(source, "__len__") else ""
    return f"<{type(source).__name__}{size}>"


def names(given: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """One name or several."""
    if given is None:
        return None
    return (given,) if isinstance(given, str) else tuple(given)


def commas(columns: str | Sequence[str] | None) -> str | None:
    """Several columns as one text, as the command line has it."""
    return columns if columns is None or isinstance(columns, str) else ",".join(columns)
