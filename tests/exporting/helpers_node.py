"""Modules that browsers get, run by Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from headstart.exporting.reader import PARTS

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="Node runs the modules that browsers get")
# What JSON has no words for: values that are not numbers.
SCRIPT = """
import {{ readFileSync }} from "node:fs";
import * as made from {module};
const given = JSON.parse(readFileSync(0, "utf8"));
const found = await (async () => {{ {code} }})();
const named = (_, value) => (typeof value === "number" && !Number.isFinite(value) ? String(value) : value);
console.log(JSON.stringify(found, named));
"""


def in_node(module: str | Path, code: str, given: Any = None) -> Any:
    """What ``code`` returns, in which ``made`` is the module (a part, or a path) and ``given`` is what is given."""
    place = module if isinstance(module, Path) else Path(str(files(PARTS).joinpath(module)))
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", SCRIPT.format(module=json.dumps(place.as_uri()), code=code)],
        input=json.dumps(given), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
