"""Texts with some tokens hidden, and what was hidden: masked language modelling as numbered views.

Devlin, Chang, Lee & Toutanova, NAACL 2019, https://arxiv.org/abs/1810.04805: of the tokens to be filled in 80 % are
replaced by the mask, 10 % by any other token, and 10 % stay, so that a network cannot trust what it reads. View v hides
other tokens than view w, each a function of (bytes, settings, v), so that what a frozen part of a network makes of a
view can be kept; view -v holds the answers to view v, and view 0 is the text as it is.
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import DataError
from headstart.core.preprocessing import TextPreprocessing
from headstart.core.preprocessing.text import PAD
from headstart.data.draws import uniform_draws
from headstart.data.text_prepare import MASKS, TextPreparer

# Bump when views change: it is part of the address under which activations are kept.
VERSION = 1
HIDDEN, EXCHANGED = 0.8, 0.9  # draws below the first become the mask, below the second another token; others stay

Tokens = NDArray[np.int32]


class Masking(Config):
    """What is hidden."""

    masked: float = Field(0.15, gt=0, lt=1, description="Share of a text's own tokens to be filled in; one at least.")


class MaskedView:
    """Bytes to ``(T, 2)`` int32 as of the preparer: with tokens hidden, or where negative the answers alone.

    Args:
        preparer: Of the text as it is.
        settings: How much is hidden.
        number: Of the view; negative: in the first column the token that view ``-number`` hides, ``PAD`` where it
            hides none.

    Raises:
        DataError: the tokenizer has no token for what is hidden.
    """

    def __init__(self, preparer: TextPreparer, settings: Masking, number: int) -> None:
        self.preparer, self.settings, self.number = preparer, settings, number
        if self.mask_token is None:
            raise DataError(
                f"the tokenizer has none of the tokens {', '.join(MASKS)}, so this network was not trained to fill in "
                "what is hidden; masked language modelling needs an encoder such as BERT, MiniLM or XLM-R"
            )

    @property
    def preprocessing(self) -> TextPreprocessing:
        """That of the whole text."""
        return self.preparer.preprocessing

    @cached_property
    def mask_token(self) -> int | None:
        """Its number."""
        found = (self.preparer.token_number(name) for name in MASKS)
        return next((number for number in found if number is not None), None)

    def prepare(self, content: bytes) -> Tokens:
        """As many positions as the whole text has."""
        prepared = self.preparer.prepare(content)
        if self.number == 0:
            return prepared
        own = np.flatnonzero(np.isin(prepared[:, 0], self.preparer.ordinary_tokens))
        draws = np.array(uniform_draws(content, self.settings, abs(self.number), 3 * len(own), VERSION)).reshape(-1, 3)
        return hidden(
            prepared, own, draws, self.settings.masked, self.mask_token or 0, self.preparer.ordinary_tokens,
            answers=self.number < 0,
        )  # fmt: skip

    def address(self) -> dict[str, Any]:
        """That of the evaluation view, the settings, and the version of views."""
        return {**self.preparer.address(), "masked": json.loads(self.settings.model_dump_json()), "views": VERSION}


def hidden(
    prepared: Tokens,
    own: NDArray[np.int64],
    draws: NDArray[np.float64],
    share: float,
    mask: int,
    others: NDArray[np.int32],
    *,
    answers: bool,
) -> Tokens:
    """Tokens with some of them hidden.

    Args:
        prepared: ``(T, 2)``.
        own: ``(n,)`` positions that may be hidden.
        draws: ``(n, 3)`` in [0, 1): whether (the smallest are), how, and by which other token.
        share: Of the n positions, rounded, at least one of them.
        mask: The token that hides.
        others: ``(V,)`` tokens of which any may be exchanged for a hidden one.
        answers: Return what was hidden instead: ``PAD`` elsewhere.

    >>> text = np.array([[1, 0], [7, 0], [8, 0], [2, 0]], np.int32)
    >>> draws = np.array([[0.9, 0.5, 0.0], [0.2, 0.5, 0.0]])
    >>> hidden(text, np.array([1, 2]), draws, 0.15, 99, np.array([5], np.int32), answers=False)[:, 0].tolist()
    [1, 7, 99, 2]
    >>> hidden(text, np.array([1, 2]), draws, 0.15, 99, np.array([5], np.int32), answers=True)[:, 0].tolist()
    [-1, -1, 8, -1]
    """
    count = min(len(own), max(1, round(share * len(own))))
    chosen = np.argsort(draws[:, 0], kind="stable")[:count]
    places = own[chosen]
    if answers:
        found = np.full_like(prepared, PAD)
        found[places] = prepared[places]
        return found
    found = prepared.copy()
    how, which = draws[chosen, 1], draws[chosen, 2]
    exchanged = others[(which * len(others)).astype(np.int64)] if len(others) else np.full(count, mask)
    stays = prepared[places, 0]
    found[places, 0] = np.where(how < HIDDEN, mask, np.where(how < EXCHANGED, exchanged, stays))
    return found
