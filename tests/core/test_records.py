import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.errors import IntegrityError
from headstart.core.records import append_record, read_records


@given(cut=st.integers(min_value=0, max_value=60))
def test_a_crash_at_any_byte_loses_at_most_the_last_record(tmp_path_factory, cut):
    path = tmp_path_factory.mktemp("records") / "r.jsonl"
    for number in range(3):
        append_record(path, {"number": number, "text": "é"})
    whole = path.read_bytes()
    path.write_bytes(whole[: max(0, len(whole) - cut)])
    kept = path.read_bytes().count(b"\n")
    assert [record["number"] for record in read_records(path)] == list(range(kept))
    append_record(path, {"number": 9})
    assert [record["number"] for record in read_records(path)] == [*range(kept), 9]


def test_a_missing_file_has_no_records(tmp_path):
    assert read_records(tmp_path / "none.jsonl") == []


@pytest.mark.parametrize(
    "line", [b'{"number": 1}{"number": 2}', b"\xff\xfe", '{"number": 1}'.encode("utf-16-le"), b"[" * 100_000, b"7"]
)
def test_a_line_that_something_else_wrote_is_named(tmp_path, line):
    path = tmp_path / "r.jsonl"
    append_record(path, {"number": 0})
    path.write_bytes(path.read_bytes() + line + b"\n")
    with pytest.raises(IntegrityError, match="r.jsonl, line 2 must"):
        read_records(path)
