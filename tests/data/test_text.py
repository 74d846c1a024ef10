from __future__ import annotations

import numpy as np
import pytest

from data.helpers_text import keys_of, tokenizer_json
from headstart.core.errors import DataError
from headstart.core.preprocessing import TextPreprocessing
from headstart.core.text_content import pair_bytes
from headstart.data.modalities import modality

TEXT = modality("text")


def reader(**settings):
    return TEXT.preparer(TextPreprocessing(**settings), {"tokenizer.json": tokenizer_json()})


def test_a_look_counts_characters_and_refuses_nothing_to_read():
    assert TEXT.look("größer\r\n".encode()) == (8,)
    assert TEXT.look("größer".encode("cp1252")) == (6,)
    assert TEXT.look(pair_bytes("ab", "cde")) == (5,)
    for content in (b"", b" \n ", pair_bytes("", " ")):
        with pytest.raises(DataError, match="^an empty text$"):
            TEXT.look(content)


def test_what_is_cut_off_is_said_with_what_to_do():
    # [CLS] and [SEP] count, so two of four texts are longer than 6 tokens.
    contents = [b"a b", b"a b c d", b"a b c d e f", b"a b c d e f g h a b"]  # 4, 6, 8, 12 tokens
    prepared = reader(max_tokens=6)
    sizes = np.array([[len(content)] for content in contents])
    (note,) = TEXT.notes(sizes, prepared, contents)
    # 2 + 6 of 30 tokens are not seen
    assert note.startswith(
        "about 50 % of the texts are longer than the 6 tokens that are read (the longest looked into"
    )
    assert "has 12), so about 27 % of all tokens are never seen; --set model.max_tokens=N reads more" in note
    # mean of 0, 0, 2 / 8 and 6 / 12
    assert TEXT.unseen_fraction(sizes, prepared, contents) == pytest.approx(0.1875)
    assert TEXT.notes(sizes, reader(max_tokens=12), contents) == []
    assert TEXT.unseen_fraction(sizes, reader(), contents) == 0


def test_texts_that_cannot_be_read_and_no_texts_have_no_notes():
    assert TEXT.notes(np.zeros((0, 1), np.int64), reader(), []) == []
    assert TEXT.notes(np.zeros((1, 1), np.int64), reader(), [b" "]) == []
    assert TEXT.unseen_fraction(np.zeros((0, 1), np.int64), reader(), []) == 0.0


def test_an_excerpt_is_one_line():
    assert TEXT.excerpt(b"The cat\r\n\tsat  on\n") == {"text": "The cat sat on"}
    assert TEXT.excerpt(b"word " * 100) == {"text": ("word " * 60).strip() + "..."}
    assert TEXT.excerpt(b"x" * 300) == {"text": "x" * 300}
    assert TEXT.excerpt(b"a" + b" " * 5000 + b"b") == {"text": "a..."}
    assert TEXT.excerpt(pair_bytes("first\nline", "y" * 200)) == {"text": "first line / " + "y" * 150 + "..."}
    with pytest.raises(DataError):
        TEXT.excerpt(b" ")


def test_prepared_texts_have_fingerprints_and_groups():
    contents = [b"The cat sat.", b"the  CAT sat.", b"a b c d e"]
    marks = np.concatenate([TEXT.fingerprint(reader().prepare(content)[None]) for content in contents])
    assert marks.shape == (3, TEXT.fingerprint_dim)
    assert TEXT.near_duplicates(keys_of(contents), marks).tolist() == [0, 0, 1]
