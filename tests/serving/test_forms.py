"""Forms, as other programs write them."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.serving.forms import fields_of
from headstart.serving.refusals import Refusal


def written(files):
    request = httpx.Request("POST", "http://x", files=files)
    return request.read(), request.headers["content-type"]


@given(st.lists(st.tuples(st.text("abc", min_size=1), st.binary(max_size=300)), min_size=1, max_size=5))
def test_what_was_written_is_read(files):
    body, kind = written([("file", file) for file in files])
    found = fields_of(body, kind, 5)
    assert [(each.filename, each.content) for each in found] == files
    assert {each.name for each in found} == {"file"}


@given(st.binary(max_size=200), st.data())
def test_a_form_that_ends_early_is_refused(content, data):
    body, kind = written({"file": content})
    with pytest.raises(Refusal) as caught:
        fields_of(body[: data.draw(st.integers(0, len(body) - 5))], kind, 5)
    assert caught.value.status == 400


@given(st.binary(max_size=300), st.text(max_size=20))
def test_any_bytes_are_a_form_or_are_refused(body, boundary):
    try:
        fields_of(body, f"multipart/form-data; boundary={boundary}", 3)
    except Refusal as refusal:
        assert refusal.status in (400, 413)


def test_more_parts_than_allowed():
    body, kind = written([("file", b"a")] * 3)
    with pytest.raises(Refusal) as caught:
        fields_of(body, kind, 2)
    assert caught.value.status == 413


@pytest.mark.parametrize("header", ["X: " + "y" * 9000, "\r\n".join(f"H{n}: 1" for n in range(20))])
def test_headers_of_a_part_are_bounded(header):
    body = f"--b\r\nContent-Disposition: form-data; name=f\r\n{header}\r\n\r\nx\r\n--b--\r\n".encode()
    with pytest.raises(Refusal) as caught:
        fields_of(body, "multipart/form-data; boundary=b", 3)
    assert caught.value.status == 400
