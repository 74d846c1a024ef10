"""Keys of a file."""

from __future__ import annotations

import pytest

from headstart.core.errors import ConfigError
from headstart.serving.keys import Keys
from headstart.serving.refusals import Refusal


def test_without_a_file_everybody_may_ask():
    Keys.of_file(None).check({})


@pytest.mark.parametrize("content", ["", "# only a remark\n", "short\n", "k" * 16 + "\nshort\n"])
def test_a_file_must_hold_keys_that_can_be_secret(tmp_path, content):
    file = tmp_path / "keys"
    file.write_text(content)
    with pytest.raises(ConfigError, match="at least 16 characters"):
        Keys.of_file(file)
    with pytest.raises(ConfigError, match="readable"):
        Keys.of_file(tmp_path / "none")


def test_any_of_several_keys_is_known():
    keys = Keys(("first-secret-key-1", "second-secret-key"))
    keys.check({"x-api-key": "second-secret-key"})
    keys.check({"authorization": "bearer first-secret-key-1"})
    for headers in ({"x-api-key": "third"}, {"authorization": "first-secret-key-1"}, {"x-api-key": ""}):
        with pytest.raises(Refusal) as caught:
            keys.check(headers)
        assert caught.value.status == 401
