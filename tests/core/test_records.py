from hypothesis import given
from hypothesis import strategies as st

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
