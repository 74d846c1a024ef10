import pytest

from headstart.core.errors import ConfigError, IntegrityError
from headstart.core.records import append_record, read_records
from headstart.core.run_folder import RunFolder


def test_a_folder_that_holds_a_run_is_refused_as_new(tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.require_new()
    folder.path.mkdir()
    folder.require_new()
    folder.request.write_text("data: x")
    with pytest.raises(ConfigError, match=r"holds another run.*--resume"):
        folder.require_new()


def test_a_folder_with_other_files_is_refused_as_new(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ConfigError, match="holds other files"):
        RunFolder(tmp_path).require_new()


def test_a_decision_is_found_again_and_not_written_twice(tmp_path):
    folder = RunFolder(tmp_path)
    assert folder.decision("runtime") is None
    for value in (1, 1, 2):
        folder.decide("runtime", value, "measured")
    assert folder.decision("runtime") == 2
    assert [record["value"] for record in read_records(folder.decisions)] == [1, 2]


def test_decisions_that_lack_their_parts_are_named(tmp_path):
    folder = RunFolder(tmp_path)
    append_record(folder.decisions, {"name": "runtime"})
    with pytest.raises(IntegrityError, match=r"decisions\.jsonl must have a name and a value.*--out"):
        folder.decision("runtime")


def test_evidence_of_an_unfinished_run_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="no evidence.json"):
        RunFolder(tmp_path).read_evidence()
