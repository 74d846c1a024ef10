"""An export's page from a server of plain files, and what its own reader says."""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NEEDED = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nothing on stderr."""


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Address of a folder's page."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()
    server.server_close()


def with_runtime(folder: Path, runtime: Path) -> Path:
    """The folder, with onnxruntime-web in it."""
    (folder / "ort").mkdir()
    for name in NEEDED:
        shutil.copy(runtime / name, folder / "ort" / name)
    return folder


def ready(tab: Any) -> None:
    tab.wait_for_function("document.getElementById('said').textContent === 'Ready.'", timeout=120_000)


def said(tab: Any, act: Any) -> Any:
    """What the model says after something was done on the page."""
    tab.evaluate("window.said = undefined")
    act()
    tab.wait_for_function("window.said !== undefined", timeout=120_000)
    return tab.evaluate("window.said")


def drop(tab: Any, path: Path) -> None:
    """Drop a file somewhere on the page."""
    code = """([name, bytes]) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([Uint8Array.from(bytes)], name));
      for (const kind of ["dragover", "drop"]) {
        document.body.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
      }
    }"""
    tab.evaluate(code, [path.name, list(path.read_bytes())])


def by_python(folder: Path, *paths: Path) -> list[dict[str, Any]]:
    """What ``reader.py`` says of files."""
    command = [sys.executable, "-I", str(folder / "reader.py"), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]
