from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.helpers_data import write
from headstart.core.errors import DataError
from headstart.data.tables import batches, column_names, load, load_with_notes


def test_keys_that_some_lines_lack_are_none_there_in_every_batch(tmp_path):
    path = write(tmp_path / "t.jsonl", b'{"a": 1}\n\n{"b": [1, "x"]}\r\n{"a": 2, "c": {"d": null}}')
    expected = {"a": [1, None, 2], "b": [None, [1, "x"], None], "c": [None, None, {"d": None}]}
    assert load(path) == expected
    assert [list(batch) for batch in batches(path, 1)] == [["a", "b", "c"]] * 3
    assert column_names(path) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"a": 1}\n\n{"a": \n', "line 3 is none"),
        ('{"a": 1}\n[1]\n', "line 2 is a list"),
        ('"a"\n', "line 1 is a str"),
        ('{"a": 1, "a": 2}\n', r"line 1 is none \(the key 'a' stands in it twice\)"),
        ('{"a": {"b": 1, "b": 2}}\n', "the key 'b' stands in it twice"),
        ('{"a": ' + "[" * 100_000, "line 1 is none .it is nested too deeply"),
        ('{"a": "x\0"}', "line 1 is none"),
        ("", "at least one row"),
        ("{}\n{}\n", "at least one row"),
    ],
)
def test_what_is_no_object_is_named_by_its_line(tmp_path, content, words):
    with pytest.raises(DataError, match=words):
        load(write(tmp_path / "t.jsonl", content.encode()))


def test_an_error_on_the_last_line_comes_before_the_first_batch(tmp_path):
    path = write(tmp_path / "t.jsonl", b'{"a": 1}\n' * 100 + b"{")
    with pytest.raises(DataError, match="line 101"):
        next(batches(path, 10))


def test_only_line_feeds_end_a_line(tmp_path):
    assert load(write(tmp_path / "t.jsonl", '{"a": "x\u2028y\x85"}\n{"a":\r"z"}\n'.encode())) == {
        "a": ["x\u2028y\x85", "z"]
    }


def test_halves_of_surrogate_pairs_are_replaced_and_pairs_kept(tmp_path):
    content = rb'{"a": "\ud83d\ude00 \ud800", "b\udfff": [{"c": "\udc00"}], "d": "\\ud800"}'
    columns = load(write(tmp_path / "t.jsonl", content))
    assert columns == {"a": ["\U0001f600 \ufffd"], "b\ufffd": [[{"c": "\ufffd"}]], "d": ["\\ud800"]}


def test_numbers_that_are_none_and_large_ones(tmp_path):
    values = load(write(tmp_path / "t.jsonl", b'{"a": NaN}\n{"a": 123456789012345678901234567890}\n'))["a"]
    assert math.isnan(values[0]) and values[1] == 123456789012345678901234567890


def test_encodings_are_said(tmp_path):
    found = load_with_notes(write(tmp_path / "t.jsonl", '{"é": "ü"}\n{"é": "ß"}\n'.encode("utf-16")))
    assert found.columns == {"é": ["ü", "ß"]} and found.notes == ("t.jsonl is UTF-16 text",)


TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=10)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=3), min_size=1, max_size=5), st.booleans())
def test_what_json_writes_is_read_back(tmp_path_factory, records, ascii_only):
    lines = "".join(json.dumps(record, ensure_ascii=ascii_only) + "\n" for record in records)
    path = write(tmp_path_factory.getbasetemp() / "any.jsonl", lines.encode())
    names = list(dict.fromkeys(name for record in records for name in record))
    assert load(path) == {name: [record.get(name) for record in records] for name in names}
