"""Further labelled examples below those of a data set: the same columns, read as the first ones were."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from headstart.core.errors import ConfigError, DataError, choice_message
from headstart.data.examples import Examples, stacked_examples
from headstart.data.feedback_source import FeedbackSource, rows_of_feedback
from headstart.data.interpret import interpreted

if TYPE_CHECKING:
    from headstart.data.interpret import Wishes

LABEL = "label"  # what feedback's column of targets is called where the data set's has no name


def prefix_of(number: int) -> str:
    """What the ids of the ``number``-th addition begin with, counted from 1."""
    return f"added-{number}/"


def with_added(examples: Examples, source: Any, wishes: Wishes, slices: tuple[str, ...], prefix: str) -> Examples:
    """``examples``, and below them those of ``source``.

    Args:
        examples: What an example consists of comes from them.
        source: Whatever a data set may be, or a :class:`FeedbackSource`.
        wishes: What the user said of the first ones' columns.
        slices: Columns to report by, which feedback alone need not have.
        prefix: Of the ids of the added ones.

    Raises:
        DataError: they hold other inputs, lack a column, or have no target.
        ConfigError: the column of targets, groups or slices is not there.
    """
    own = replace(wishes, input=(), drop=())
    if isinstance(source, FeedbackSource):
        target = wishes.target or LABEL
        rows = rows_of_feedback(source, examples.schema, target)
        added = interpreted(rows, replace(own, target=target, id=None, groups=None), examples.schema)
        return _below(examples, added, prefix)
    try:
        added = interpreted(source, own, examples.schema)
        for option, names in (("slices", slices), ("groups", (own.groups,) if own.groups else ())):
            for name in names:
                if name not in added.further:
                    raise ConfigError(choice_message(option, name, added.further))
        return _below(examples, added, prefix)
    except (DataError, ConfigError) as error:
        raise type(error)(
            f"the added data must be as the run's own are, with the same inputs and the same column of targets: {error}"
        ) from None


def _below(examples: Examples, added: Examples, prefix: str) -> Examples:
    return stacked_examples(examples, replace(added, ids=tuple(prefix + name for name in added.ids)))
