"""The command, as a process."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from headstart.core.errors import ConfigError
from headstart.serving.process import listen, url_of
from headstart.serving.settings import ServeConfig


class Command:
    """``headstart serve`` on a free port; its log is a file."""

    def __init__(self, log, run, *options):
        command = [sys.executable, "-m", "headstart", "serve", str(run), "--port", "0", "--threads", "1", *options]
        self.log = log
        with log.open("wb") as stream:
            self.process = subprocess.Popen(command, stderr=stream)
        self.url = self.said(r"at (http\S+)")[1]

    def said(self, pattern, seconds=60):
        """The first place of the log, as soon as it is there."""
        until = time.monotonic() + seconds
        while not (found := re.search(pattern, self.log.read_text())):
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.05)
        return found

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.process.kill()
        self.process.wait()


def test_requests_under_way_at_sigterm_are_answered_and_the_process_ends_with_0(shared, tmp_path):
    picture = (shared.photos / "red" / "9.png").read_bytes()
    with (
        Command(tmp_path / "log", shared.run.path, "--set", "drain_seconds=0.5") as command,
        httpx.Client(base_url=command.url) as client,
    ):
        assert client.get("/readyz").status_code == 200
        told = time.monotonic()
        command.process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        statuses = []
        try:
            while True:
                answer = client.post("/predict", content=picture, headers={"Content-Type": "image/png"})
                statuses.append((answer.status_code, client.get("/readyz").status_code))
                time.sleep(0.05)
        except httpx.TransportError:  # it listens no more: what was not accepted by then is refused or reset
            assert time.monotonic() - told >= 0.5  # while it drains nothing is
        assert statuses and set(statuses) == {(200, 503)}
        assert command.process.wait(10) == 0


@pytest.mark.slow
def test_workers_share_a_port_count_together_and_are_started_again(shared, tmp_path):
    picture = (shared.photos / "red" / "9.png").read_bytes()
    with Command(tmp_path / "log", shared.run.path, "--workers", "2") as command:
        children = _children(command.process.pid)
        assert len(children) >= 2
        for _ in range(6):
            answer = httpx.post(command.url + "/predict", content=picture, headers={"Content-Type": "image/png"})
            assert answer.status_code == 200
        text = httpx.get(command.url + "/metrics").text
        assert re.search(r'headstart_requests_total\{route="/predict",status="200"\} 6.0', text)
        workers = _workers(command)
        os.kill(workers[0], signal.SIGKILL)
        command.said("started again")
        survivor = next(worker for worker in workers[1:])
        until = time.monotonic() + 30
        while len(again := _workers(command)) < 2 or not _serves(again):
            assert time.monotonic() < until
            time.sleep(0.2)
        assert survivor in again
        assert httpx.get(command.url + "/readyz").status_code == 200
        command.process.terminate()
        assert command.process.wait(20) == 0


@pytest.mark.slow
def test_workers_end_with_a_parent_that_was_killed(shared, tmp_path):
    with Command(tmp_path / "log", shared.run.path, "--workers", "2") as command:
        children = _workers(command)
        assert len(children) == 2
        command.process.kill()
        command.process.wait()
        until = time.monotonic() + 20
        while any(Path(f"/proc/{child}").exists() for child in children):
            assert time.monotonic() < until
            time.sleep(0.1)


def test_no_line_of_the_log_holds_an_input_or_an_answer(shared, tmp_path):
    with Command(tmp_path / "log", shared.run.path) as command:
        secret = "inputthatnobodymayread"
        httpx.post(command.url + "/predict", json={"inputs": [secret]}, headers={"X-Request-Id": "asked"})
        command.process.terminate()
        command.process.wait(10)
        command.said('"request_id": "asked"')
        assert secret not in command.log.read_text()


def test_an_address_that_is_taken_is_said():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigError, match="free address"):
            listen(ServeConfig(port=taken.getsockname()[1]))


def test_the_url_is_one_that_a_browser_opens():
    config = ServeConfig(host="0.0.0.0", port=0)
    with listen(config) as listening:
        assert url_of(listening, config) == f"http://127.0.0.1:{listening.getsockname()[1]}"


def _workers(command):
    return [child for child in _children(command.process.pid) if "spawn_main" in _command(child)]


def _serves(pids):
    """Whether each has computing threads, and so has told that it began."""
    return all(len(list(Path(f"/proc/{pid}/task").iterdir())) > 3 for pid in pids)


def _children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _command(pid):
    return Path(f"/proc/{pid}/cmdline").read_text()
