"""Inputs that are kept."""

from __future__ import annotations

import json

import pytest

from headstart.core.errors import ConfigError
from headstart.core.schema import ColumnSchema, InputSchema, PartSchema
from headstart.serving.examples import example_of
from headstart.serving.keeping import Kept
from headstart.serving.models import Example

TEXT = InputSchema(parts=(PartSchema(modality="text"),))
SOUND = InputSchema(parts=(PartSchema(modality="sound"),))
ROW = InputSchema(
    parts=(PartSchema(modality="text", columns=("q", "a")), PartSchema(modality="image", columns=("photo",))),
    columns=(ColumnSchema(name="price", kind="number"),),
)


def no_fetch(url):
    raise AssertionError


def test_the_same_input_is_kept_once_under_a_name_of_its_bytes(tmp_path):
    kept = Kept(tmp_path / "new" / "folder", TEXT)
    names = [kept.keep(Example((text.encode(),))) for text in ("one", "two", "one")]
    assert names[0] == names[2] != names[1] and names[0].endswith(".txt")
    assert (tmp_path / "new" / "folder" / names[0]).read_text() == "one"
    assert Kept(tmp_path, SOUND).keep(Example((b"RIFF",))).endswith(".wav")


def test_a_row_is_kept_as_the_json_that_asks_for_it_again(tmp_path):
    value = {"q": "why?", "a": "because", "photo": {"data": "cGl4ZWxz"}, "price": 2.5}
    example = example_of(value, ROW, no_fetch)
    row = json.loads((tmp_path / Kept(tmp_path, ROW).keep(example)).read_text())
    assert row == value and example_of(row, ROW, no_fetch) == example


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="keep_inputs"):
        Kept(tmp_path / "file", TEXT)
