import json

import pytest

from headstart.core.errors import DataError
from headstart.monitoring.log import append, is_log, read_log
from monitoring.helpers_monitoring import count, make_rows


@pytest.fixture
def log(reference, tmp_path):
    path = tmp_path / "monitor.jsonl"
    for seed in range(3):
        append(path, count(reference, make_rows(10, seed), begin=float(seed)))
    return path


def test_what_was_appended_is_read(log, reference):
    found = read_log(log, reference, "v1")
    assert [each.examples for each in found.stretches] == [10, 10, 10]
    assert (found.damaged, found.others) == (0, {})
    assert is_log(log)
    assert log.stat().st_mode & 0o077 == 0


def test_damaged_lines_are_counted_and_passed_over(log, reference):
    lines = log.read_text().splitlines()
    cut = lines[1][: len(lines[1]) // 2]
    wrong = json.dumps({**json.loads(lines[1]), "examples": "ten"})
    log.write_text("\n".join([lines[0], cut, "\x00\xff", wrong, "", "[1]", lines[2]]) + "\n")
    found = read_log(log, reference, "v1")
    assert (len(found.stretches), found.damaged) == (2, 4)


def test_lines_of_another_model_are_named(log, reference):
    with pytest.raises(DataError, match=r"version v2.*holds only those of v1.*Name the run"):
        read_log(log, reference, "v2")


def test_an_empty_log_and_one_of_rubbish_say_what_to_do(reference, tmp_path):
    path = tmp_path / "empty"
    path.touch()
    with pytest.raises(DataError, match="is empty.*once a minute"):
        read_log(path, reference, "v1")
    path.write_bytes(b"\xff\xfe\nrubbish\n")
    with pytest.raises(DataError, match=r"2 lines that cannot be read.*--monitor-log"):
        read_log(path, reference, "v1")
    assert not is_log(path)
