"""Every reader of a kind of table file, found by its file: what holds for all of them."""

from __future__ import annotations

import re

import pytest

from data.helpers_data import write
from headstart.core import plugins
from headstart.core.errors import DataError
from headstart.data.table_format import ENDINGS, ROOM, TableFormat, format_of
from headstart.data.tables import is_table, load
from headstart.data.walk import modality_of

each_ending = pytest.mark.parametrize("ending", sorted(ENDINGS))


@each_ending
def test_the_ending_finds_the_format_whatever_its_case(tmp_path, ending):
    for name in (f"a{ending}", f"a{ending.upper()}"):
        assert isinstance(format_of(tmp_path / name), TableFormat) and is_table(tmp_path / name)


@each_ending
def test_a_table_is_never_taken_for_an_input(tmp_path, ending):
    assert modality_of(str(write(tmp_path / f"a{ending}", b"\x89PNG\r\n\x1a\n"))) is None


@each_ending
@pytest.mark.parametrize("content", [b"", b"\0", b"a\0\n" * 40, b"PK\x03\x04", b"\xff" * 3000])
def test_what_is_no_table_is_refused_with_its_name(tmp_path, ending, content):
    path = write(tmp_path / f"a{ending}", content)
    with pytest.raises(DataError, match=re.escape(str(path))):
        load(path)


def test_an_unknown_ending_lists_the_known_ones(tmp_path):
    with pytest.raises(DataError, match=r"the ending of a table must be one of .*'\.csv'.*Did you mean '\.parquet'"):
        format_of(tmp_path / "a.parqet")
    assert {f".{name}" for name in plugins.names(ROOM)} == ENDINGS
