"""onnxruntime-web, for tests that run exported models in Node or a browser."""

from __future__ import annotations

import shutil
import subprocess
import tarfile

import pytest

ORT = "onnxruntime-web@1.30.0"


@pytest.fixture(scope="session")
def runtime(tmp_path_factory):
    """Folder of its files, as npm has them."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed, and onnxruntime-web comes from there")
    place = tmp_path_factory.mktemp("npm")
    fetched = subprocess.run(["npm", "pack", ORT], cwd=place, capture_output=True, text=True, check=False, timeout=300)
    if fetched.returncode != 0:
        pytest.skip(f"npm could not fetch {ORT}: {fetched.stderr[-200:]}")
    [archive] = place.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(place, filter="data")
    return place / "package" / "dist"
