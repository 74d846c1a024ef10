"""JSON values as examples."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.errors import DataError
from headstart.core.schema import ColumnSchema, InputSchema, PartSchema
from headstart.core.text_content import texts_of
from headstart.serving.examples import decoded_base64, example_of
from headstart.serving.models import Example
from headstart.serving.refusals import Refusal

TEXT = InputSchema(parts=(PartSchema(modality="text", columns=("note",)),))
PAIR = InputSchema(parts=(PartSchema(modality="text", columns=("question", "answer")),))
IMAGE = InputSchema(parts=(PartSchema(modality="image"),))
ROW = InputSchema(
    parts=(PartSchema(modality="image", columns=("photo",)), PartSchema(modality="text", columns=("note",))),
    columns=(ColumnSchema(name="price", kind="number"), ColumnSchema(name="shop", kind="category")),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["data", "url", "note", "photo", "price"]), inner),
    max_leaves=8,
)


def no_fetch(url):
    raise Refusal(422, "unusable", "nothing is fetched.")


def test_a_text_that_is_a_path_is_a_text():
    assert example_of("/etc/hostname", TEXT, no_fetch) == Example((b"/etc/hostname",))
    assert example_of({"note": "/etc/hostname"}, TEXT, no_fetch) == Example((b"/etc/hostname",))


def test_pairs_come_as_lists_or_by_their_columns():
    for value in (["why?", "because"], {"question": "why?", "answer": "because"}):
        (content,) = example_of(value, PAIR, no_fetch).contents
        assert texts_of(content) == ("why?", "because")


def test_pictures_come_as_base64_with_or_without_the_start_of_a_data_url():
    encoded = base64.b64encode(b"bytes").decode()
    for value in (encoded, {"data": encoded}, {"data": f"data:image/png;base64,{encoded}"}):
        assert example_of(value, IMAGE, no_fetch) == Example((b"bytes",))


def test_rows_hold_a_value_for_each_column_and_null_is_unknown():
    row = {"photo": {"data": base64.b64encode(b"p").decode()}, "note": None, "price": 3, "shop": None, "more": []}
    assert example_of(row, ROW, no_fetch) == Example((b"p", b"-"), {"price": 3, "shop": None})


@pytest.mark.parametrize(
    ("value", "schema", "said"),
    [
        (1, TEXT, "a text; got a number"),
        (None, TEXT, "got null"),
        (["a"], PAIR, "a pair of texts"),
        ([1, 2], PAIR, "a pair of texts"),
        ({"datum": "x"}, IMAGE, "BASE64"),
        ("a", ROW, "got a string"),
        ({"photo": "", "note": "", "price": 1}, ROW, "lacks ['shop']"),
        ({"photo": "", "note": "", "price": [1], "shop": ""}, ROW, "'price' must hold"),
        ({"photo": "", "note": "", "price": 10**30, "shop": ""}, ROW, "2**63"),
    ],
)
def test_other_shapes_are_refused(value, schema, said):
    with pytest.raises(Refusal) as caught:
        example_of(value, schema, no_fetch)
    assert caught.value.status == 422 and said in caught.value.message


def test_an_empty_text_and_what_is_no_base64_are_bad_inputs():
    with pytest.raises(DataError, match="empty"):
        example_of("", TEXT, no_fetch)
    with pytest.raises(DataError, match="base64"):
        decoded_base64("@@")


@settings(max_examples=50)
@given(JSON, st.sampled_from([TEXT, PAIR, IMAGE, ROW]))
def test_any_value_is_an_example_or_is_refused(value, schema):
    try:
        found = example_of(value, schema, no_fetch)
    except (Refusal, DataError):
        return
    assert len(found.contents) == len(schema.parts) and all(isinstance(each, bytes) for each in found.contents)
