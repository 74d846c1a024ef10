from __future__ import annotations

import numpy as np
import pytest

from data.helpers_text import preparer
from headstart.core.errors import ShapeError
from headstart.data.text_facts import NAMES, facts


def facts_of_text(text, **settings):
    made = preparer(**settings)
    found = facts(made.prepare(text.encode())[None], made.unknown_token, made.preprocessing.max_tokens)
    return dict(zip(NAMES, found[0].tolist(), strict=True))


def test_tokens_unknown_ones_and_room_by_hand():
    # [CLS] the cat zzz sat [SEP]: six, of which one is unknown
    assert facts_of_text("the cat zzz sat", max_tokens=10) == {
        "tokens": 6,
        "unknown": pytest.approx(1 / 6),
        "room": 4,
    }


def test_a_text_that_is_cut_off_leaves_no_room():
    assert facts_of_text("the cat sat on the mat " * 5, max_tokens=8)["room"] == 0


def test_without_an_unknown_token_none_is_unknown():
    tokens = np.array([[[1, 0], [2, 0], [-1, -1]]], np.int32)
    assert facts(tokens, None, 5).tolist() == [[2, 0, 3]]
    with pytest.raises(ShapeError, match=r"\(B, T, 2\)"):
        facts(tokens[0], None, 5)


def unigram(unknown):
    from tokenizers import Tokenizer, models

    return Tokenizer(models.Unigram([("<unk>", 0.0), ("a", -1.0)], unk_id=unknown)).to_str().encode()


@pytest.mark.parametrize("unknown", [0, None])
def test_a_unigram_model_names_its_unknown_token_by_number(unknown):
    assert preparer(unigram(unknown)).unknown_token == unknown


def test_a_model_of_words_names_it_by_its_text():
    assert preparer().unknown_token == 1  # "[UNK]" of the helper's words
