from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from headstart.bundle.folder import atomic_folder
from headstart.core.errors import ConfigError

KILLED_EVERYWHERE = """
import os, signal, sys
sys.modules["torch"] = None
from pathlib import Path
from bundle.helpers_bundle import EVIDENCE, pictures, write_fitted
from headstart import bundle

EVENTS = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod"}
root = Path(sys.argv[1])
new = {**EVIDENCE, "new": True}
write_fitted(root / "warm" / "bundle")  # imports everything, so that the children open only their own files


def write_and_die(folder, moment):
    seen = 0

    def hook(event, arguments):
        nonlocal seen
        if event in EVENTS and str(root) in str(arguments[0]):
            seen += 1
            if seen == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    write_fitted(folder, evidence=new)


states = {"absent": 0, "old": 0, "new": 0}
moment = 0
while True:
    moment += 1
    run = root / f"run{moment}"
    if sys.argv[2] == "replace":
        write_fitted(run / "bundle", sample=pictures(0))
    child = os.fork()
    if child == 0:
        write_and_die(run / "bundle", moment)
        os._exit(0)
    died = os.waitpid(child, 0)[1] != 0
    if (run / "bundle").exists():
        states["new" if "new" in bundle.read(run).evidence() else "old"] += 1
    else:
        states["absent"] += 1
    write_fitted(run / "bundle", evidence=new, sample=pictures(0))
    left = sorted(path.name for path in run.iterdir())
    assert left == ["bundle"], left
    assert bundle.read(run).evidence()["new"]
    if not died:
        break
print(moment, states["absent"], states["old"], states["new"])
"""


def killed_everywhere(folder: Path, case: str) -> tuple[int, int, int, int]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    done = subprocess.run(
        [sys.executable, "-c", KILLED_EVERYWHERE, str(folder), case],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    moments, absent, old, new = map(int, done.stdout.split())
    return moments, absent, old, new


def test_a_writer_killed_at_any_moment_leaves_no_half_bundle(tmp_path):
    moments, absent, old, new = killed_everywhere(tmp_path, "create")
    assert moments > 10  # as many as it touches files
    assert absent + new == moments
    assert old == 0
    assert absent > 5
    assert new >= 1


def test_a_writer_killed_while_it_replaces_a_bundle_leaves_the_old_or_the_new_one(tmp_path):
    moments, absent, old, new = killed_everywhere(tmp_path, "replace")
    assert moments > 10
    assert old > 5
    assert new >= 1
    assert absent <= 1  # between two renames; the old one then lies beside it, whole


def test_a_folder_appears_whole(tmp_path):
    target = tmp_path / "made"
    with atomic_folder(target, "marker") as building:
        (building / "marker").write_text("1")
        assert not target.exists()
        assert building.parent == target.parent
    assert [path.name for path in tmp_path.iterdir()] == ["made"]
    assert (target / "marker").read_text() == "1"


def test_an_interrupt_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt), atomic_folder(tmp_path / "made", "marker"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_leftovers_of_this_name_go_and_those_of_another_stay(tmp_path):
    for name in (".made.0123.new", ".made.4567.old", ".other.0123.new"):
        (tmp_path / name).mkdir()
    with atomic_folder(tmp_path / "made", "marker"):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == [".other.0123.new", "made"]


def test_an_empty_folder_may_be_filled_and_a_file_may_not_be_replaced(tmp_path):
    (tmp_path / "empty").mkdir()
    with atomic_folder(tmp_path / "empty", "marker") as building:
        (building / "marker").touch()
    assert (tmp_path / "empty" / "marker").exists()
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="holds other files"), atomic_folder(tmp_path / "file", "marker"):
        pass
