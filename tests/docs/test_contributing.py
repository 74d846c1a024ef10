"""The method that the page on contributing shows is one: an outside package with it fits, ships and conforms."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import headstart
import shared_run
from docs.helpers_pages import ROOT, blocks
from headstart.core import plugins

shared, warm = shared_run.shared, shared_run.warm
NAME = "nearest_mean"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Installed as pip would: a module, and an entry point in the package's metadata."""
    [code] = [block.body for block in blocks((ROOT / "CONTRIBUTING.md").read_text()) if block.language == "python"]
    facts = tmp_path / "package" / f"{NAME}-1.dist-info"
    facts.mkdir(parents=True)
    (facts.parent / f"{NAME}.py").write_text(code)
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1\n")
    (facts / "entry_points.txt").write_text(f"[headstart.methods]\n{NAME} = {NAME}\n")
    monkeypatch.syspath_prepend(facts.parent)
    plugins._outside.cache_clear()
    yield facts.parent
    plugins._outside.cache_clear()
    sys.modules.pop(NAME, None)


def test_a_fit_with_it_ships_it_and_its_bundle_predicts(package, warm, tmp_path):
    run = warm.fit(tmp_path / "run", method=NAME)
    assert run.evidence["verdict"]["chosen"] == NAME
    assert run.evidence["test"]["accuracy"]["value"] > 0.5
    assert len(headstart.predict(run.bundle, warm.photos / "red").rows) > 0


@pytest.mark.slow
def test_the_conformance_tests_find_it_and_pass(package):
    path = os.pathsep.join([str(package), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [
        sys.executable,
        "-m",
        "pytest",
        "tests/methods/test_conformance.py",
        "-q",
        "-k",
        NAME,
        "-p",
        "no:cacheprovider",
    ]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and " passed" in done.stdout, done.stdout
