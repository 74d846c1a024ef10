"""One virtual environment per peer, made on first use from ``peers/NAME.txt``."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parent.parent
PEERS = BENCHMARKS / "peers"


def python_of(envs: Path, name: str) -> Path:
    """The interpreter of a tool's environment; made, or made again when its requirements changed."""
    folder = envs / name
    python, stamp = folder / "bin" / "python", folder / "requirements.sha256"
    requirements = PEERS / f"{name}.txt"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == digest:
        return python
    print(f"making the environment {folder} ...", file=sys.stderr, flush=True)
    venv.create(folder, with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", requirements], check=True)
    stamp.write_text(digest)
    return python


def weights_folder(work: Path, envs: Path) -> Path:
    """``lite0.safetensors`` and ``lite0/`` for the peers, written on the first call."""
    folder = work / "weights"
    if not (folder / "lite0" / "config.json").is_file():  # written last
        subprocess.run([python_of(envs, "script"), PEERS / "weights.py", "--out", folder], check=True)
    return folder
