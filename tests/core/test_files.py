import hashlib
import os

import pytest

from headstart.core.errors import ConfigError, IntegrityError
from headstart.core.files import (
    atomic,
    canonical_json,
    check_schema,
    read_json,
    require_new_folder,
    sha256_file,
    write_json,
)


def test_a_failed_write_leaves_the_old_file_and_no_temporary_one(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"old": 1})
    with pytest.raises(RuntimeError, match="half way"), atomic(path) as stream:
        stream.write(b"{")
        raise RuntimeError("half way")
    assert read_json(path) == {"old": 1}
    assert os.listdir(tmp_path) == ["a.json"]


def test_nan_is_refused_since_json_has_none(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.json", float("nan"))
    assert os.listdir(tmp_path) == []


def test_equal_values_have_equal_canonical_bytes_whatever_the_order_of_keys():
    assert canonical_json({"b": 1, "a": [1, 2]}) == canonical_json({"a": [1, 2], "b": 1}) == b'{"a":[1,2],"b":1}'


def test_a_file_hashes_to_the_sha256_of_its_bytes(tmp_path):
    content = b"x" * (3 << 20)  # longer than one chunk
    (tmp_path / "f").write_bytes(content)
    assert sha256_file(tmp_path / "f") == hashlib.sha256(content).hexdigest()


def test_older_schemas_are_read_and_newer_or_missing_ones_refused():
    check_schema({"schema": 1}, 1, "plan.json")
    for document in ({"schema": 2}, {}):
        with pytest.raises(IntegrityError, match=r"plan\.json must have schema 1 or older"):
            check_schema(document, 1, "plan.json")


@pytest.mark.parametrize("text", ["{", "[" * 100_000, "9" * 10_000, '{"a": 1}\0'])
def test_json_that_does_not_parse_is_an_integrity_error(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(IntegrityError, match=r"a\.json must be JSON"):
        read_json(tmp_path / "a.json")


def test_files_are_readable_as_the_umask_says(tmp_path):
    before = os.umask(0o022)
    try:
        write_json(tmp_path / "a.json", 1)
    finally:
        os.umask(before)
    assert (tmp_path / "a.json").stat().st_mode & 0o777 == 0o644


def test_a_folder_to_write_to_must_be_new_or_empty_and_a_file_is_called_one(tmp_path):
    require_new_folder(tmp_path / "new")
    require_new_folder(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ConfigError, match=r"holds other files\. Name another folder with --out\.$"):
        require_new_folder(tmp_path)
    with pytest.raises(ConfigError, match=r"notes\.txt is a file"):
        require_new_folder(tmp_path / "notes.txt")
