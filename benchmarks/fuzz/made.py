"""The two runs that are asked while bodies are fuzzed; both small, neither with a network.

A table of plain columns, as a fit ships it, with sets and the check of the domain; and a text beside plain columns, as
a bundle that is written here, since a fit would put a network behind the text.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from fuzz.decoders import RUNS
from headstart import bundle
from headstart.bundle import WrittenFitted
from headstart.core import plugins
from headstart.core.learning import Fitted
from headstart.core.schema import ColumnSchema, InputSchema, PartSchema
from headstart.data.examples import table_of

ROWS = 120
WORDS = (("card", "lost", "blocked"), ("cash", "notes", "machine"))
NOTE = PartSchema(modality="text", columns=("note",))
COLUMNS = (
    ColumnSchema(name="age", kind="number", spelling="decimal_comma"),
    ColumnSchema(name="plan", kind="category"),
    ColumnSchema(name="mail", kind="boolean"),
    ColumnSchema(name="since", kind="date", spelling="day_first"),
)


def make(folder: Path) -> None:
    """Both, in ``folder``."""
    cells, notes, kind = _drawn()
    lines = [",".join([*cells, "churn"]), *(",".join(map(str, row)) for row in zip(*cells.values(), kind, strict=True))]
    (folder / "table.csv").write_text("\n".join(lines) + "\n")
    command = [sys.executable, "-m", "headstart", "fit", str(folder / "table.csv"), "--target", "churn"]
    subprocess.run([*command, "--out", str(folder / RUNS[0]), "--quiet"], check=True)
    _write_mixed(folder / RUNS[1], cells, notes)


def _drawn() -> tuple[dict[str, list[Any]], list[bytes], list[int]]:
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 2, ROWS)
    cells = {
        "age": (np.where(kind == 1, 60, 30) + rng.integers(-9, 9, ROWS)).tolist(),
        "plan": rng.choice(["basic", "plus", "pro"], ROWS).tolist(),
        "mail": rng.choice(["yes", "no"], ROWS).tolist(),
        "since": [f"20{year:02d}-{month:02d}-03" for year, month in rng.integers(1, 13, (ROWS, 2))],
    }
    return cells, [" ".join(rng.choice(WORDS[each], 4)).encode() for each in kind], kind.tolist()


def _write_mixed(folder: Path, cells: dict[str, list[Any]], notes: list[bytes]) -> None:
    table = table_of(cells, COLUMNS)[0]
    learned = {}
    for name, raw in (("tfidf", notes), ("columns", table)):
        plugin = plugins.load("backbones.fitted", name)
        code = plugin.build(plugin.config())
        arrays = code.fit(raw)
        learned[name] = (arrays, raw, code.transform(arrays, raw).shape[1])
    sources = [WrittenFitted(name, arrays, raw, part=NOTE if name == "tfidf" else None)
               for name, (arrays, raw, _) in learned.items()]  # fmt: skip
    width = sum(each[2] for each in learned.values())
    weights = np.random.default_rng(0).normal(size=(3, width)).astype(np.float32)
    bundle.write(
        folder,
        sources=sources,
        fitted=Fitted(
            {"weight": weights, "bias": np.zeros(3, np.float32)}, {"method": "majority_class", "form": "linear"}
        ),
        task_dict={"task": "classification", "class_names": ["cash", "card", "loan"], "primary": "accuracy"},
        input_schema=InputSchema(parts=(NOTE,), columns=COLUMNS),
        evidence={"schema": 1, "test_reads": 1},
    )
