"""The page of an export in a real Chromium: the model runs there, and says what ``predict`` says."""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import shutil
import subprocess
import sys
import tarfile
import threading

import pytest

import headstart
from exporting.helpers_models import write_terms
from headstart.core.schema import PartSchema
from headstart.exporting import writing
from reports.chromium import REASON, Chromium, find_chromium

ORT = "onnxruntime-web@1.30.0"
NEEDED = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(find_chromium() is None, reason=REASON)]


@pytest.fixture(scope="module")
def runtime(tmp_path_factory):
    """onnxruntime-web as npm has it."""
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


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Nothing on stderr."""


@contextlib.contextmanager
def behind_a_server(folder, runtime):
    """The page of an export, from a server of plain files."""
    (folder / "ort").mkdir()
    for name in NEEDED:
        shutil.copy(runtime / name, folder / "ort" / name)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def served(shared, runtime, tmp_path_factory):
    """An export of the photos' run."""
    exported = headstart.export(shared.run.path, out=tmp_path_factory.mktemp("web") / "export")
    with behind_a_server(exported.path, runtime) as address:
        yield address


def test_a_text_gets_the_same_probabilities_in_the_browser(runtime, tmp_path):
    exported = writing.write(write_terms(tmp_path / "bundle", PartSchema(modality="text")), "onnx", tmp_path / "export")
    text = "Where is my CARD? Où?"
    (tmp_path / "text").write_text(text, encoding="utf-8")
    command = [sys.executable, "-I", str(exported.path / "reader.py"), str(tmp_path / "text")]
    expected = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    with behind_a_server(exported.path, runtime) as address, Chromium(find_chromium()) as browser:
        browser.tab.goto(address)
        browser.tab.wait_for_function("document.getElementById('said').textContent === 'Ready.'", timeout=120_000)
        browser.tab.fill("#text", text)
        browser.tab.keyboard.press("Tab")
        browser.tab.keyboard.press("Enter")
        browser.tab.wait_for_function("window.said !== undefined", timeout=120_000)
        said = browser.tab.evaluate("window.said")
        assert said["prediction"] == expected["prediction"]
        assert said["probabilities"] == pytest.approx(expected["probabilities"], abs=1e-5)
        assert all(url.startswith(address.rpartition("/")[0]) for url in browser.asked)


def test_a_photo_gets_the_same_probabilities_in_the_browser(served, shared):
    photos = sorted(shared.photos.rglob("*.png"))[:2]
    expected = headstart.predict(shared.run.path, [str(photo) for photo in photos]).rows
    with Chromium(find_chromium()) as browser:
        browser.tab.goto(served)
        browser.tab.wait_for_function("document.getElementById('said').textContent === 'Ready.'", timeout=120_000)
        for photo, row in zip(photos, expected, strict=True):
            browser.tab.evaluate("window.said = undefined")
            browser.tab.set_input_files("#file", str(photo))
            browser.tab.wait_for_function("window.said !== undefined", timeout=120_000)
            said = browser.tab.evaluate("window.said")
            assert said["prediction"] == row["prediction"]
            for name, value in said["probabilities"].items():
                assert value == pytest.approx(row[f"probability_{name}"], abs=0.02)
            assert row["prediction"] in browser.tab.inner_text("#said")
        assert all(url.startswith((served.rpartition("/")[0], "blob:")) for url in browser.asked)
        assert [line for line in browser.heard if "rror" in line] == []


def test_what_is_no_picture_is_said(served, tmp_path):
    broken = tmp_path / "notes.png"
    broken.write_bytes(b"no picture")
    with Chromium(find_chromium()) as browser:
        browser.tab.goto(served)
        browser.tab.set_input_files("#file", str(broken))
        browser.tab.wait_for_function("document.getElementById('said').textContent.startsWith('This cannot')")
