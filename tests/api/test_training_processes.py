"""One fit by several processes, as torchrun starts them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import pytest

from shared_run import Shared, evidence_of

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def fit(shared: Shared, out, processes: int, *options: str) -> subprocess.CompletedProcess:
    launch = (
        ["-m", "torch.distributed.run", "--nproc-per-node", str(processes), "--master-port", str(free_port())]
        if processes > 1
        else []
    )
    command = [
        *(sys.executable, *launch, "-m", "headstart", "fit", str(shared.photos), "--model", str(shared.model)),
        *("--out", str(out), "--set", "runtime.name=eager", "--quiet", *options),
    ]
    environment = {**os.environ, "HEADSTART_CACHE": str(shared.cache), "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment)


TRAIN = [
    *("--method", "lp_ft", "--set", "guard=false"),
    *(
        part
        for each in ("epochs=3", "freeze=2", "lr=1e-3", "precision=float32")
        for part in ("--set", f"method.{each}")
    ),
]


def test_two_processes_find_what_one_finds(shared, tmp_path):
    alone, together = fit(shared, tmp_path / "one", 1, *TRAIN), fit(shared, tmp_path / "two", 2, *TRAIN)
    assert alone.returncode == 0 and together.returncode == 0, together.stderr
    one, two = (evidence_of(tmp_path / name)["training"]["lp_ft"]["history"] for name in ("one", "two"))
    assert [each["val_loss"] for each in two] == pytest.approx([each["val_loss"] for each in one], rel=1e-2)
    assert together.stdout.count("Report:") == 1  # one of them speaks
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_where_nothing_is_trained_the_others_have_nothing_to_do(shared, tmp_path):
    done = fit(shared, tmp_path / "run", 2, "--method", "linear_probe")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "run" / "evidence.json").read_text())["verdict"]["chosen"] == "linear_probe"


def test_in_a_race_the_first_trains_alone_and_the_others_are_let_go(shared, tmp_path):
    done = fit(shared, tmp_path / "run", 2, *TRAIN, "--tune", "1")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "run" / "evidence.json").read_text())["race"]["best"] == "lp_ft#1"


def test_an_error_of_the_first_ends_all(shared, tmp_path):
    done = fit(shared, tmp_path / "run", 2, "--method", "lp_ft", "--set", "method.freeze=layer9")
    assert done.returncode != 0 and "layer4" in done.stderr
