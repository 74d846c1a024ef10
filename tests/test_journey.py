"""From pictures to predictions in processes of their own: nothing printed, nothing sent, nothing left elsewhere."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import sys

import pytest

import headstart
import shared_run
from shared_run import files_below

shared, warm = shared_run.shared, shared_run.warm

OFFLINE = """
import socket, sys

def refuse(*args, **options):
    with open("attempts", "a") as log:
        log.write(f"{args} {options}\\n")
    raise OSError("no connections here")

class Refused(socket.socket):
    __init__ = refuse

socket.socket, socket.create_connection, socket.getaddrinfo = Refused, refuse, refuse
import headstart
run = headstart.fit(sys.argv[1], model=sys.argv[2], out="run")
rows = headstart.predict(run.path, sys.argv[1]).rows
assert len(rows) == 60 and not any(row["error"] for row in rows)
headstart.predict(run.path, sys.argv[1], out="p.csv")
"""


def test_fit_and_predict_print_nothing_open_no_connection_and_write_only_where_they_should(shared, tmp_path):
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "HF_", "TORCH"))}
    environment = kept | {"HOME": str(home), "HEADSTART_CACHE": str(tmp_path / "cache")}
    before = files_below(shared.photos.parent)
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE, shared.photos, shared.model],
        cwd=work, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert {path.name for path in work.iterdir()} == {"run", "p.csv"}  # and no "attempts"
    assert files_below(home) == set()
    assert files_below(shared.photos.parent) == before


def test_the_guard_against_connections_sees_one(tmp_path):
    code = OFFLINE.split("import headstart")[0] + "import urllib.request; urllib.request.urlopen('http://localhost:9')"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode != 0 and "localhost" in (tmp_path / "attempts").read_text()


def test_the_library_prints_nothing_in_this_process_either(warm, tmp_path, capfd):
    run = warm.fit(tmp_path / "run", seed=3)
    headstart.predict(run.path, warm.photos / "red")
    headstart.evaluate(run.path, warm.photos)
    headstart.report(run.path)
    assert capfd.readouterr() == ("", "")


def test_a_warning_of_the_library_is_not_printed_where_nobody_set_up_logging():
    code = "import headstart, logging; headstart.fit; logging.getLogger('headstart.part').warning('look')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_the_command_predicts_from_a_copied_bundle_in_an_empty_folder(shared, tmp_path):
    shutil.copytree(shared.run.bundle, tmp_path / "bundle")
    shutil.copytree(shared.photos / "green", tmp_path / "green")
    command = [sys.executable, "-m", "headstart", "predict", "bundle", "-"]
    paths = "green/7.png\ngreen/no.png\n"
    done = subprocess.run(command, cwd=tmp_path, input=paths, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    good, bad = csv.DictReader(io.StringIO(done.stdout))
    assert good["id"] == "green/7.png" and float(good["probability"]) > 1 / 3
    assert bad["error"] and not bad["prediction"]
    assert done.stderr.startswith("1 of 2 inputs could not be used")


@pytest.mark.slow
def test_the_default_model_goes_from_pictures_to_predictions(shared, tmp_path):
    run = headstart.fit(shared.photos, out=tmp_path / "run")
    assert run.evidence["backbone"]["name"] == "efficientnet_lite0"
    rows = headstart.predict(run.bundle, shared.photos / "red").rows
    assert len(rows) == 20 and not any(row["error"] for row in rows)
