"""Masked views of texts before a training, each with its answers in-band.

The kept boundary of a masked view is what the frozen part makes of it; behind its last channel stands one more, the
token that the view hides there, ``PAD`` where it hides none. So a batch and its answers cannot come apart, whoever
reads it. Numbers of tokens are exact in float32 up to 2^24.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from headstart.core.errors import DataError
from headstart.core.preprocessing.text import PAD
from headstart.data.text_masked import MaskedView, Masking
from headstart.data.text_prepare import TextPreparer

if TYPE_CHECKING:
    from torch import Tensor

    from headstart.core.learning import Ints
    from headstart.engine.training.feed import Feed, KeptFeed


def masked_feed(feed: KeptFeed, settings: Masking) -> KeptFeed:
    """The same inputs, of which view v hides tokens and view -v holds the answers.

    Raises:
        DataError: these are no texts, or the network has no token for what is hidden.
    """
    from headstart.engine.training.feed import KeptFeed

    plain = feed.origin.preparer_of(0)
    if not isinstance(plain, TextPreparer):
        raise DataError("masked language modelling is for texts; this model sees something else. Name another method.")

    def preparer_of(view: int) -> Any:
        return MaskedView(plain, settings, view) if view else plain

    preparer_of(1)  # says what is missing before anything is computed
    origin = replace(feed.origin, preparer_of=preparer_of, augmentation=settings.model_dump(mode="json"))
    return KeptFeed(origin, feed.store)


class AnsweredFeed:
    """Passes a feed on, with answers behind the channels of masked views."""

    def __init__(self, feed: Feed, kept: KeptFeed) -> None:
        from headstart.engine.training.feed import RawFeed

        self.feed, self.answers = feed, RawFeed(kept.origin)

    def ensure(self, stage: int, view: int, rows: Ints) -> None:
        """As the feed does."""
        self.feed.ensure(stage, view, rows)

    def read(self, stage: int, view: int, rows: Ints) -> Tensor:
        """``(B, T, C + 1)`` of masked views, ``(B, T, 3)`` at stage 0; view 0 is as it was."""
        import torch

        values = self.feed.read(stage, view, rows)
        if view == 0:
            return values
        answers = self.answers.read(0, -view, rows)[:, : values.shape[1], :1]
        answers = torch.nn.functional.pad(answers, (0, 0, 0, values.shape[1] - answers.shape[1]), value=PAD)
        return torch.cat([values, answers.to(values.dtype)], 2)


def parted_answers(values: Tensor) -> tuple[Tensor, Tensor]:
    """``(B, T, C + 1)`` as read to packed values ``(B, T, C)`` and answers ``(B, T)`` int64, negative: none."""
    return values[..., :-1], values[..., -1].long()
