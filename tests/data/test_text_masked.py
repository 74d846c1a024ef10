"""Views of texts with tokens hidden, and their answers."""

from __future__ import annotations

import numpy as np
import pytest

from data.helpers_text import WORDS, preparer, tokenizer_json
from headstart.core.errors import DataError
from headstart.core.preprocessing.text import PAD
from headstart.data.text_masked import MaskedView, Masking, hidden

WITH_MASK = tokenizer_json(add_special_tokens={"tokens": ["[MASK]"]})
MASK = len(WORDS)
SENTENCE = b"the cat sat on mat a b c d e f g h one two three"
TEXT = np.array([[2, 0], [4, 0], [5, 0], [6, 0], [3, 0], [PAD, PAD]], np.int32)
OWN = np.array([1, 2, 3])
OTHERS = np.array([7, 8, 9, 10], np.int32)


def views(number: int, content: bytes = SENTENCE, **settings: float) -> tuple[np.ndarray, np.ndarray]:
    plain = preparer(WITH_MASK)
    masked = (MaskedView(plain, Masking(**settings), sign * number).prepare(content) for sign in (1, -1))
    return tuple(masked)


def test_the_smallest_draws_are_hidden_and_the_second_draw_says_how():
    # two of three: positions 3 (0.1) and 1 (0.2); 3 becomes the mask (0.79), 1 the token at 0.5 * 4 = place 2
    draws = np.array([[0.2, 0.85, 0.5], [0.9, 0.0, 0.0], [0.1, 0.79, 0.0]])
    found = hidden(TEXT, OWN, draws, 0.67, 99, OTHERS, answers=False)
    assert found[:, 0].tolist() == [2, 9, 5, 99, 3, PAD] and found[:, 1].tolist() == TEXT[:, 1].tolist()
    assert hidden(TEXT, OWN, draws, 0.67, 99, OTHERS, answers=True)[:, 0].tolist() == [PAD, 4, PAD, 6, PAD, PAD]


def test_a_tenth_stays_and_is_asked_for_all_the_same():
    draws = np.array([[0.2, 0.95, 0.5], [0.9, 0.0, 0.0], [0.8, 0.0, 0.0]])
    assert np.array_equal(hidden(TEXT, OWN, draws, 0.1, 99, OTHERS, answers=False), TEXT)
    assert hidden(TEXT, OWN, draws, 0.1, 99, OTHERS, answers=True)[1, 0] == 4


def test_a_text_without_tokens_of_its_own_hides_none():
    none = np.zeros(0, np.int64)
    assert np.array_equal(hidden(TEXT, none, np.zeros((0, 3)), 0.15, 99, OTHERS, answers=False), TEXT)
    assert (hidden(TEXT, none, np.zeros((0, 3)), 0.15, 99, OTHERS, answers=True) == PAD).all()


def test_shares_of_many_texts_are_those_of_bert():
    plain = preparer(WITH_MASK).prepare(SENTENCE)[:, 0]
    hows = {"mask": 0, "stays": 0, "other": 0}
    for number in range(1, 401):
        masked, answers = views(number)
        places = np.flatnonzero(answers[:, 0] != PAD)
        assert len(places) == 2  # 15 % of 16 tokens
        assert np.array_equal(answers[places, 0], plain[places])
        rest = np.setdiff1d(np.arange(len(plain)), places)
        assert np.array_equal(masked[rest, 0], plain[rest])
        for place in places:
            kind = {MASK: "mask", int(plain[place]): "stays"}.get(int(masked[place, 0]), "other")
            hows[kind] += 1
            assert masked[place, 0] not in (0, 1, 2, 3)
    # of 800 draws; the standard deviation is at most 11
    assert hows["mask"] == pytest.approx(640, abs=45) and hows["other"] == pytest.approx(77, abs=40)


def test_a_view_is_a_function_of_text_settings_and_number():
    one, again, other = views(1), views(1), views(2)
    assert np.array_equal(one[0], again[0]) and np.array_equal(one[1], again[1])
    assert not np.array_equal(one[1], other[1])
    plain = preparer(WITH_MASK)
    assert np.array_equal(MaskedView(plain, Masking(), 0).prepare(SENTENCE), plain.prepare(SENTENCE))
    first, second = (MaskedView(plain, Masking(masked=share), 1).address() for share in (0.15, 0.3))
    assert first != second and first != plain.address()


def test_a_tokenizer_without_a_mask_is_refused():
    with pytest.raises(DataError, match="not trained to fill in"):
        MaskedView(preparer(), Masking(), 1)
