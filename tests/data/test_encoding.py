from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.helpers_data import write
from headstart.core.errors import DataError
from headstart.data import encoding
from headstart.data.encoding import encoding_of

ACCENTS = "naïve café – “quoted”\nzweite Zeile: größer\n"


@pytest.mark.parametrize(
    ("written", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-32", "utf-32"), ("cp1252", "cp1252")],
)
def test_what_programs_write_is_read_as_it_was_written(tmp_path, written, found):
    path = write(tmp_path / "t.csv", ACCENTS.encode(written))
    assert encoding_of(path).name == found
    assert path.read_text(encoding=encoding_of(path).name) == ACCENTS


def test_utf_16_of_both_byte_orders(tmp_path):
    for mark, name in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        path = write(tmp_path / "t.csv", mark + ACCENTS.encode(name))
        assert path.read_text(encoding=encoding_of(path).name) == ACCENTS


def test_only_what_could_be_wrong_is_said(tmp_path):
    assert encoding_of(write(tmp_path / "a.csv", ACCENTS.encode())).note == ""
    assert encoding_of(write(tmp_path / "a.csv", ACCENTS.encode("utf-8-sig"))).note == ""
    assert encoding_of(write(tmp_path / "a.csv", ACCENTS.encode("utf-16"))).note == "a.csv is UTF-16 text"
    assert "a.csv is not UTF-8 and was read as Windows-1252" in encoding_of(write(tmp_path / "a.csv", b"\xe9")).note


def test_a_byte_without_a_meaning_in_windows_1252_makes_it_latin_1(tmp_path):
    found = encoding_of(write(tmp_path / "a.csv", b"caf\xe9 \x81"))
    assert found.name == "latin-1" and "read as Latin-1" in found.note


def test_utf_8_with_a_damaged_line_is_not_taken_for_latin_1(tmp_path):
    content = ("é,1\n" * 5).encode() + b"\xff,2\n" + ("é,1\n" * 5).encode()
    with pytest.raises(DataError, match="most of it is UTF-8, and line 6 is not"):
        encoding_of(write(tmp_path / "a.csv", content))


@pytest.mark.parametrize("block", [1, 3, 7])
def test_blocks_may_end_inside_a_character(tmp_path, monkeypatch, block):
    monkeypatch.setattr(encoding, "BLOCK", block)
    assert encoding_of(write(tmp_path / "a.csv", "é€😀".encode())).name == "utf-8"
    assert encoding_of(write(tmp_path / "a.csv", "é€ü".encode("cp1252"))).name == "cp1252"
    with pytest.raises(DataError, match="line 3"):
        encoding_of(write(tmp_path / "a.csv", "é€\né\n".encode() + b"\xff"))


def test_a_character_that_is_cut_off_at_the_end_is_damage(tmp_path):
    with pytest.raises(DataError, match="line 1"):
        encoding_of(write(tmp_path / "a.csv", "ééé€".encode()[:-1]))


@given(st.binary(max_size=40))
def test_any_bytes_have_an_encoding_that_decodes_them_or_a_line_that_is_wrong(tmp_path_factory, content):
    path = write(tmp_path_factory.getbasetemp() / "any.txt", content)
    try:
        name = encoding_of(path).name
    except DataError as error:
        assert "line" in str(error)
    else:
        content.decode(
            name, "replace" if name.startswith(("utf-16", "utf-32")) or content[:3] == codecs.BOM_UTF8 else "strict"
        )
