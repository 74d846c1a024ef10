from pathlib import Path

import pytest

from headstart.core import resources
from headstart.core.errors import SpaceError


def test_the_cache_folder_is_the_named_one(monkeypatch, tmp_path):
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "kept"))
    assert resources.cache_folder() == tmp_path / "kept"


@pytest.mark.parametrize(
    ("platform", "tail"), [("linux", ".cache/headstart"), ("darwin", "Library/Caches/headstart"), ("win32", "Cache")]
)
def test_each_platform_has_its_cache_folder(monkeypatch, platform, tail):
    monkeypatch.delenv("HEADSTART_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(resources.sys, "platform", platform)
    assert str(resources.cache_folder()).endswith(tail) and resources.cache_folder().is_absolute()


def test_a_disk_that_cannot_hold_it_is_told_before_writing(tmp_path):
    resources.require_space(tmp_path / "new" / "folder", 1, "The run")
    with pytest.raises(SpaceError, match="The run needs about"):
        resources.require_space(tmp_path / "new", 1 << 60, "The run")


def test_blas_runs_one_thread_inside_and_as_before_outside():
    from threadpoolctl import threadpool_info

    def blas() -> list[int]:
        return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]

    before = blas()
    with resources.one_blas_thread():
        assert set(blas()) <= {1}
    assert blas() == before


def test_processors_memory_and_time_are_measured():
    assert resources.cpu_count() >= 1 and resources.cpu_seconds() > 0
    peak = resources.peak_memory_mib()
    assert peak is None or 5 < peak < 1e6
    assert isinstance(resources.cache_folder(), Path)
