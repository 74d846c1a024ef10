from __future__ import annotations

import pytest

from headstart.api.checking import doctor


@pytest.mark.parametrize(("place", "ok"), [("missing", True), ("folder", True), ("file", False), ("link", False)])
def test_a_cache_that_cannot_be_a_folder_is_not_well(monkeypatch, tmp_path, place, ok):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere")
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / place))
    (fact,) = [fact for fact in doctor().to_dict()["facts"] if fact["what"] == "cache folder"]
    assert (fact["ok"], bool(fact["hint"])) == (ok, not ok)
