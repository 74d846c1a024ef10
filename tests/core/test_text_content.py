from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.errors import DataError
from headstart.core.text_content import decoded, is_blank, pair_bytes, texts_of

TEXT = "naïve café – “quoted”"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_what_programs_write_is_read_as_it_was_written(encoding):
    assert decoded(TEXT.encode(encoding)) == TEXT


def test_bytes_without_a_meaning_in_windows_1252_are_latin_1():
    assert decoded(b"caf\xe9 \x81") == "café \x81"


def test_damaged_utf_8_stays_utf_8():
    assert decoded("ééé".encode() + b"\xff") == "ééé\ufffd"
    assert decoded("ééé".encode()[:-1]) == "éé\ufffd"
    assert decoded(b"\xe9t\xe9") == "été"


def test_lone_halves_of_surrogate_pairs_are_replaced():
    assert decoded("a\ud800b".encode("utf-8", "surrogatepass")) == "a\ufffdb"
    assert texts_of(rb'["a \ud800", "\ud83d\ude00"]') == ("a \ufffd", "\U0001f600")


def test_control_characters_are_taken_out_and_scripts_marks_and_joiners_stay():
    assert texts_of(b"a\0b\x07\tc\r\nd\x7f") == ("ab\tc\r\nd",)
    for text in ("שלום עולם", "\u202babc\u202c", "👩\u200d👧", "می\u200cخواهم", "日本語 and English"):
        assert texts_of(text.encode()) == (text,)


@pytest.mark.parametrize(
    "content", [b"", b"  \n\t", b"\0\x01", "\u200b\ufeff\u00a0".encode(), b'["", " "]', b"\xef\xbb\xbf"]
)
def test_nothing_to_read_is_refused(content):
    with pytest.raises(DataError, match="^an empty text$"):
        texts_of(content)


def test_one_side_of_a_pair_may_be_empty():
    assert texts_of(pair_bytes("", "a reference")) == ("", "a reference")


@pytest.mark.parametrize(
    "text", ["[1, 2]", '["a"]', '["a", "b", "c"]', '["a", 1]', '["a", "b"', "[" * 100_000 + "]", "[x]"]
)
def test_only_an_array_of_two_strings_is_a_pair(text):
    assert texts_of(text.encode()) == (text,)


def test_blank_is_what_nobody_sees():
    assert is_blank("") and is_blank(" \u3000\u200d\u2028") and not is_blank(" .")


@given(st.text(max_size=20), st.text(max_size=20))
def test_pairs_survive(first, second):
    content = pair_bytes(first, second)
    assert json.loads(content.decode("utf-8", "surrogatepass")) == [first, second]


@given(st.binary(max_size=60))
def test_any_bytes_are_a_text_that_can_be_written_or_refused(content):
    decoded(content).encode("utf-8")
    try:
        for text in texts_of(content):
            text.encode("utf-8")
    except DataError as error:
        assert str(error) == "an empty text"
