import os

import pytest

from headstart.core.errors import BusyError, ConfigError
from headstart.request.fit_config import merge
from headstart.request.job import new_job, resumed_job

PHOTOS = merge({"data": "photos"})


@pytest.fixture(autouse=True)
def in_an_empty_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def test_two_runs_begun_in_the_same_second_have_folders_of_their_own():
    first = new_job(PHOTOS, None)
    first.folder.path.mkdir(parents=True)
    assert new_job(PHOTOS, None).folder.path != first.folder.path
    assert first.folder.path.name.startswith("photos-")


def test_resuming_without_a_folder_finds_the_newest_unfinished_run_of_the_same_request():
    for age, (name, request) in enumerate([("new", PHOTOS), ("old", PHOTOS), ("other", merge({"data": "x"}))]):
        job = new_job(request, None)
        folder = job.folder.path.parent / name
        folder.mkdir(parents=True)
        (folder / "request.yaml").write_text(request.yaml())
        os.utime(folder / "request.yaml", (1e9 - age, 1e9 - age))
    assert resumed_job(PHOTOS, None).folder.path.name == "new"
    (resumed_job(PHOTOS, None).folder.path / "report.html").write_text("")
    assert resumed_job(PHOTOS, None).folder.path.name == "old"


def test_a_damaged_run_beside_it_does_not_keep_another_from_being_resumed():
    for name, text in (("damaged", "a: ["), ("newer", "schema: 99"), ("empty", ""), ("good", PHOTOS.yaml())):
        folder = new_job(PHOTOS, None).folder.path.parent / name
        folder.mkdir(parents=True)
        (folder / "request.yaml").write_text(text)
    assert resumed_job(PHOTOS, None).folder.path.name == "good"


@pytest.mark.parametrize(
    ("content", "said"), [(b"a: [\n]: [", "is not one"), (b"", "holds nothing"), (b"\0", "is not")]
)
def test_a_run_whose_request_is_damaged_says_in_one_line_what_to_do(tmp_path, content, said):
    (tmp_path / "request.yaml").write_bytes(content)
    with pytest.raises(ConfigError, match=rf"^options must stand in .*request\.yaml {said}.*with another --out\.$"):
        resumed_job(None, tmp_path)


def test_resuming_with_other_options_names_them(tmp_path):
    job = new_job(PHOTOS, tmp_path / "run")
    job.folder.path.mkdir()
    job.begin()
    assert resumed_job(None, tmp_path / "run").request == PHOTOS
    with pytest.raises(ConfigError, match="seed differ"):
        resumed_job(merge({"data": "photos", "seed": 3}), tmp_path / "run")


def test_a_run_killed_before_it_wrote_its_request_is_begun_anew(tmp_path):
    assert resumed_job(PHOTOS, tmp_path / "run").request == PHOTOS
    with pytest.raises(ConfigError, match="holds none"):
        resumed_job(None, tmp_path / "run")


def test_nothing_to_resume_is_said():
    with pytest.raises(ConfigError, match="needs an unfinished run"):
        resumed_job(PHOTOS, None)
    with pytest.raises(ConfigError, match="neither was given"):
        resumed_job(None, None)


def test_a_folder_in_use_is_refused_and_the_lock_file_goes(tmp_path):
    job = new_job(PHOTOS, tmp_path / "run")
    with job.held():
        with pytest.raises(BusyError, match="one process at a time"), job.held():
            pass
    assert os.listdir(tmp_path / "run") == []
