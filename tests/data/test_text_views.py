"""Views of texts with words left out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from data.helpers_text import WORDS, preparer, tokenizer_json
from headstart.core.errors import ConfigError, DataError
from headstart.core.text_content import pair_bytes, texts_of
from headstart.data.modalities import modality
from headstart.data.text_views import LIGHT, MOST_WORDS, STRONG, TextAugmentation, TextView, view, without_words

TEXT = modality("text")
HALF = TextAugmentation(word_dropout=0.5)
SENTENCE = b"the cat sat on the mat ? not a b c d e f g h"


def is_subsequence(words: list[str], of: list[str]) -> bool:
    rest = iter(of)
    return all(word in rest for word in words)


def test_words_with_a_draw_below_the_chance_go():
    assert without_words("to be or not", [0.5, 0.05, 0.9, 0.2], 0.1) == "to or not"
    assert without_words("to be or not", [0.5, 0.05, 0.9, 0.2], 0.3) == "to or"


def test_where_all_would_go_the_one_with_the_largest_draw_stays():
    assert without_words("to be or", [0.01, 0.03, 0.02], 0.1) == "be"


def test_white_space_inside_stays_and_a_text_that_loses_nothing_is_itself():
    assert without_words(" to be\n\nor  not ", [0.5, 0.5, 0.5, 0.5], 0.1) == " to be\n\nor  not "
    assert without_words("to be\n\nor  not", [0.01, 0.5, 0.5, 0.5], 0.1) == "be\n\nor  not"


def test_words_without_a_draw_stay():
    assert without_words("to be or not", [0.01, 0.5], 0.1) == "be or not"
    text = "a " * (MOST_WORDS + 1000) + "z"
    left = texts_of(view(text.encode(), HALF, 1))[0].split()
    assert left[-1001:] == ["a"] * 1000 + ["z"] and len(left) == pytest.approx(MOST_WORDS / 2 + 1001, abs=400)


def test_light_and_strong_leave_out_ten_and_twenty_percent():
    assert TEXT.augmentation("light") == {"word_dropout": 0.1} and TEXT.augmentation("strong") == {"word_dropout": 0.2}
    for strength in (LIGHT, STRONG):
        left = [len(texts_of(view(SENTENCE, strength, number))[0].split()) for number in range(1, 1001)]
        # of 16,000 words; the standard deviation of the share is at most 0.0032
        assert 1 - np.sum(left) / 16_000 == pytest.approx(strength.word_dropout, abs=0.013)


def test_view_0_is_the_plain_preparer():
    plain = preparer()
    assert TEXT.view(plain, TEXT.augmentation("light"), 0) is plain
    assert np.array_equal(TextView(plain, HALF, 0).prepare(SENTENCE), plain.prepare(SENTENCE))


def test_a_view_is_a_function_of_bytes_settings_and_number():
    assert view(SENTENCE, HALF, 1) == view(SENTENCE, HALF, 1)
    assert len({view(SENTENCE, HALF, number) for number in range(1, 11)}) == 10
    assert view(SENTENCE, HALF, 1) != view(SENTENCE, HALF.model_copy(update={"word_dropout": 0.4}), 1)


def test_a_view_has_tokens_segments_and_padding_as_the_preparer_makes_them():
    seen = TEXT.view(preparer(), {"word_dropout": 0.5}, 1)
    words = texts_of(view(SENTENCE, HALF, 1))[0].split()
    prepared = seen.prepare(SENTENCE)
    tokens = prepared[prepared[:, 0] >= 0, 0].tolist()
    assert tokens == [WORDS.index(word) for word in ("[CLS]", *words, "[SEP]")] and 0 < len(words) < 16
    assert prepared.dtype == np.int32 and (prepared[len(tokens) :] == -1).all()


def test_the_texts_of_a_pair_lose_words_each_and_stay_a_pair():
    first, second = "a b c d e f g h", "one two three"
    lost = np.zeros((200, 2))
    for number in range(1, 201):
        left = texts_of(view(pair_bytes(first, second), HALF, number))
        assert len(left) == 2
        for i, (text, whole) in enumerate(zip(left, (first, second), strict=True)):
            assert text.split() and is_subsequence(text.split(), whole.split())
            lost[number - 1, i] = text != whole
    assert (lost.mean(axis=0) > 0.8).all()  # 1 - 2^-8, and 1 - 2^-3 = 0.875
    assert texts_of(view(pair_bytes("", "one"), HALF, 1)) == ("", "one")


@pytest.mark.parametrize("text", ["cat", "  cat\n", "浮世絵", "\ufeff\ufeffcat", "[cat]"])
def test_a_text_of_one_word_stays_itself(text):
    assert all(texts_of(view(text.encode(), HALF, number)) == texts_of(text.encode()) for number in range(1, 20))


def test_what_is_left_of_a_text_never_becomes_a_pair():
    text = '["a", "b", "c"]'
    left = {texts_of(view(text.encode(), HALF, number)) for number in range(1, 60)}
    assert ('["a", "c"]',) in left and all(len(texts) == 1 for texts in left)


def test_where_only_what_cannot_be_read_stays_the_whole_text_is_taken():
    blank, plain = "\u200b cat".encode(), preparer(tokenizer_json(post_processor=False))
    views = [TextView(plain, HALF, number).prepare(blank) for number in range(1, 30)]
    assert all(WORDS.index("cat") in prepared[:, 0] for prepared in views)


def test_the_address_is_the_preparers_and_the_version_of_views():
    plain = preparer()
    seen = TEXT.view(plain, {"word_dropout": 0.1}, 2)
    assert seen.address() == {**plain.address(), "views": 1} and seen.preprocessing == plain.preprocessing


def test_what_cannot_be_read_or_set_is_refused():
    with pytest.raises(DataError, match="an empty text"):
        TextView(preparer(), LIGHT, 1).prepare(b"  ")
    with pytest.raises(ConfigError, match="word_dropout"):
        TEXT.view(preparer(), {"word_dropout": 1}, 1)


@settings(deadline=None)
@given(st.text(), st.integers(0, 50), st.floats(0, 0.99))
@example('["a", "b"]', 1, 0.9)
@example("\ufeff\ufeff a", 3, 0.9)
def test_the_words_of_any_view_of_any_text_are_some_of_its_words_in_order(text, number, share):
    content = text.encode("utf-8", "surrogatepass")
    try:
        whole = texts_of(content)
    except DataError:
        return
    left = texts_of_view(content, TextAugmentation(word_dropout=share), number)
    assert left is None or len(left) == len(whole)
    for some, every in zip(left or (), whole, strict=left is not None):
        assert is_subsequence(some.split(), every.split()) and bool(some.split()) == bool(every.split())


def texts_of_view(content: bytes, augmentation: TextAugmentation, number: int) -> tuple[str, ...] | None:
    """None where only marks without width stayed."""
    result = view(content, augmentation, number)
    try:
        return texts_of(result)
    except DataError:
        return None


@settings(deadline=None, max_examples=50)
@given(st.text(), st.text(), st.integers(1, 20))
def test_any_pair_that_can_be_prepared_has_any_view(first, second, number):
    plain, content = preparer(), pair_bytes(first, second)
    try:
        plain.prepare(content)
    except DataError:
        return
    prepared = TextView(plain, HALF, number).prepare(content)
    assert prepared.dtype == np.int32 and prepared.shape[1] == 2
