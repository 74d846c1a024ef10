"""Whether a network can read the texts of another domain at all: their language, their letters, tokens it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from headstart.core.errors import DataError

if TYPE_CHECKING:
    from headstart.bundle import Predictor
    from headstart.data.dataset import Dataset

LOOKED_AT = 200  # texts of each domain, evenly spread
UNREAD = 0.05  # share of tokens that a tokenizer lacks, from which it is worth a word
PAGE = "the page on texts in another language names some"


def unread_notes(predictor: Predictor, ours: Dataset | None, theirs: Dataset) -> list[str]:
    """Sentences for people; none where both domains are in one language that the network has tokens for.

    Args:
        predictor: Of the run.
        ours: What the run learned from, where that is there.
        theirs: The new domain.
    """
    notes: list[str] = []
    for over in predictor.passes:
        if theirs.parts[over.part].modality == "text":
            mine = None if ours is None else _texts(ours, over.part)
            others = _texts(theirs, over.part)
            notes += _tongues(mine, others)
            notes += _lacking(over.preparer, mine, others)
    return list(dict.fromkeys(notes))


def _texts(dataset: Dataset, part: int) -> list[bytes]:
    inputs = dataset.parts[part].inputs
    rows = np.unique(np.linspace(0, len(dataset) - 1, min(len(dataset), LOOKED_AT)).astype(np.int64))
    return [inputs.read(row) for row in rows.tolist()]


def _tongues(ours: list[bytes] | None, theirs: list[bytes]) -> Iterator[str]:
    """Where the most of both are clearly in different languages, or in different letters."""
    from headstart.core.text_content import texts_of
    from headstart.inspection.checks.languages import commonest_language, commonest_script

    mine, others = ([" ".join(texts_of(content)) for content in some] for some in (ours or [], theirs))
    for commonest, what in ((commonest_script, "letters"), (commonest_language, "words")):
        here, there = commonest(mine), commonest(others)
        if here is not None and there is not None and here != there:
            yield (
                f"Most of the new texts have {there} {what}, those that the run learned from {here} ones. Little "
                f"carries over unless the network was trained on both languages ({PAGE})."
            )
            return


def _lacking(preparer: object, ours: list[bytes] | None, theirs: list[bytes]) -> Iterator[str]:
    from headstart.data.text_prepare import TextPreparer

    if not isinstance(preparer, TextPreparer):
        return
    share, before = unknown_share(preparer, theirs), unknown_share(preparer, ours or [])
    if share > max(UNREAD, 2 * before):
        known = f", {100 * before:.0f} % of those that the run learned from" if ours else ""
        yield (
            f"The network's tokenizer has no token for {100 * share:.0f} % of what stands in the new texts{known}: its "
            f"answers mean little there. Take a network that reads these letters ({PAGE})."
        )


def unknown_share(preparer: object, contents: list[bytes]) -> float:
    """Share, 0 to 1, of the tokens of texts (those that mark ends left out) that stand for what the tokenizer lacks."""
    from headstart.data.text_prepare import TextPreparer

    assert isinstance(preparer, TextPreparer)  # noqa: S101 - asked before
    unknown, own = 0, 0
    for content in contents:
        try:
            numbers = preparer.prepare(content)[:, 0]
        except DataError:
            continue
        lacking = int((numbers == preparer.unknown_token).sum()) if preparer.unknown_token is not None else 0
        unknown += lacking
        own += lacking + int(np.isin(numbers, preparer.ordinary_tokens).sum())
    return unknown / own if own else 0.0
