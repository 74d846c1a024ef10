"""The image's files, and its commands in an environment without torch."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
REQUIREMENTS = [
    line.strip() for line in (DEPLOY / "requirements-serve.txt").read_text().splitlines() if not line.startswith("#")
]


def test_what_the_image_installs_is_what_the_package_asks_for_without_torch():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    stated = {*project["dependencies"], *extras["serve"], *extras["text"], *extras["audio"]}
    assert set(REQUIREMENTS) <= stated
    assert set(extras["serve"]) <= set(REQUIREMENTS)
    assert not any(re.match(r"torch|timm|transformers|pyarrow|onnx>", line) for line in REQUIREMENTS)


def test_the_image_does_not_run_as_root_and_copies_what_there_is():
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    user = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert user and user[-1] not in ("root", "0")
    copied = [word for line in lines if re.match(r"COPY (?!--from)", line) for word in line.split()[1:-1]]
    assert copied and all((ROOT / name).exists() for name in copied)


@pytest.mark.slow
def test_its_commands_give_a_server_where_torch_is_not_installed(shared, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "env"], check=True)
    python = tmp_path / "env" / "bin" / "python"
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "-r", DEPLOY / "requirements-serve.txt"], check=True)
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", tmp_path / "wheels", ROOT], check=True)
    subprocess.run([*pip, "install", "--no-deps", *(tmp_path / "wheels").glob("*.whl")], check=True)
    log = tmp_path / "log"
    command = [tmp_path / "env" / "bin" / "headstart", "serve", shared.run.path / "bundle", "--port", "0"]
    with log.open("wb") as stream:
        server = subprocess.Popen(command, stderr=stream)
    try:
        until = time.monotonic() + 60
        while not (found := re.search(r"at (http\S+)", log.read_text())):
            assert time.monotonic() < until and server.poll() is None, log.read_text()
            time.sleep(0.1)
        picture = (shared.photos / "red" / "9.png").read_bytes()
        answer = httpx.post(found[1] + "/predict", content=picture, headers={"Content-Type": "image/png"})
        assert answer.status_code == 200 and answer.json()["predictions"][0]["error"] is None
        assert "<html" in httpx.get(found[1] + "/").text
    finally:
        server.terminate()
        assert server.wait(30) == 0
    said = subprocess.run([python, "-c", "import torch"], capture_output=True, text=True, check=False)
    assert "No module named 'torch'" in said.stderr
