"""From what a user names, or hands over in Python, to a reading; and how it is written into a request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from headstart.data.feedback_source import FeedbackSource, is_feedback, last_remark
from headstart.data.read import NO_COLUMNS, Reading, read
from headstart.features.workshop import threads_of
from headstart.request.fit_config import Addition, FitConfig

Sources = tuple[Any, ...]  # data, test data or None, and what was added, in order


def read_sources(
    request: FitConfig, sources: Sources, *, target_optional: bool = False, columns: Mapping[str, str] = NO_COLUMNS
) -> Reading:
    """Data, test data and additions, read as the request says; ``target_optional`` keeps rows without a target.

    ``columns`` as :func:`headstart.data.read.read` takes them.
    """
    data, test, *added = sources
    return read(
        data,
        target=request.target,
        input=request.input,
        id=request.id,
        drop=request.drop,
        test=test,
        added=added,
        groups=request.kept_together,
        slices=request.slices,
        columns=columns,
        allow_bad=request.allow_bad,
        workers=threads_of(request),
        target_optional=target_optional,
    )


def sources_of(request: FitConfig) -> Sources:
    """What a request names on disk, as :func:`read_sources` takes it."""
    return (request.data, request.test, *(added_source(each, request.task) for each in request.additions))


def added_source(addition: Addition, task: str) -> str | FeedbackSource:
    """One addition: the feedback of a server where its place is that, else as it is."""
    if not is_feedback(addition.data):
        return addition.data
    return FeedbackSource(addition.data, addition.upto, has_sets=task == "multilabel")


def settled_feedback(request: FitConfig) -> FitConfig:
    """The request with the number of the last remark that counts, so that it names the same ones for ever."""
    add = request.add
    if add is None or add.upto is not None or not is_feedback(add.data):
        return request
    return request.model_copy(update={"add": Addition(data=add.data, upto=last_remark(add.data))})


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
