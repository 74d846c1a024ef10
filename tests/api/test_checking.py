from __future__ import annotations

import pytest

import headstart
from headstart.api.checking import doctor
from headstart.core.errors import ConfigError


@pytest.mark.parametrize(("place", "ok"), [("missing", True), ("folder", True), ("file", False), ("link", False)])
def test_a_cache_that_cannot_be_a_folder_is_not_well(monkeypatch, tmp_path, place, ok):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere")
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / place))
    (fact,) = [fact for fact in doctor().to_dict()["facts"] if fact["what"] == "cache folder"]
    assert (fact["ok"], bool(fact["hint"])) == (ok, not ok)


@pytest.mark.parametrize("verb", [headstart.list_cache, headstart.clear_cache])
def test_a_cache_that_is_a_file_is_refused_and_stays(verb, monkeypatch, tmp_path):
    place = tmp_path / "file"
    place.write_text("mine")
    monkeypatch.setenv("HEADSTART_CACHE", str(place))
    with pytest.raises(ConfigError, match="the cache must be a folder; .*file is a file"):
        verb()
    assert place.read_text() == "mine"
