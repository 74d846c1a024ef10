"""Measures of the code itself: what is long, what repeats, what is not said, and what each command imports.

    python benchmarks/house.py            # this checkout
    python benchmarks/house.py --root OLDER_CHECKOUT --out FOLDER

Writes ``results/house.json`` and ``.md``. Times of imports are medians of processor seconds of whole processes, the
interpreter's own start included.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from comparison import lines, machine, tables
from house_parts import docstrings, repeats, sizes

VERBS = ("fit", "audit", "rank", "predict", "evaluate", "report", "models", "doctor")
LONGEST_FUNCTION, LONGEST_FILE, DOCUMENTED = 60, 400, 0.9


def import_seconds(root: Path, verb: str, repeats_: int) -> float:
    """Processor seconds of ``headstart VERB --help``."""
    took = []
    for _ in range(repeats_):
        before = os.times()
        subprocess.run(
            [sys.executable, "-m", "headstart", verb, "--help"],
            env={"PYTHONPATH": str(root / "src"), "PATH": "/usr/bin:/bin"}, capture_output=True, check=True,
        )  # fmt: skip
        after = os.times()
        took.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return statistics.median(took)


def measures(root: Path, times: int) -> dict[str, Any]:
    """Everything that is reported of a checkout."""
    source, tests = sizes.files_of(root / "src"), sizes.files_of(root / "tests")
    functions = sizes.functions(source)
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    return {
        "files": len(source),
        "lines": sizes.lines(source),
        "test_lines": sizes.lines(tests),
        "longest_files": sizes.longest(source, 5),
        "longest_functions": functions[:5],
        "functions_over": sum(length > LONGEST_FUNCTION for _, length in functions),
        "type_ignores": sizes.occurrences(source, "type: ignore"),
        "repeated_blocks": repeats.blocks(source),
        "repeated_blocks_in_tests": repeats.blocks(tests),
        "documented": docstrings.share(source),
        "dependencies": len(project["dependencies"]),
        "help_seconds": {verb: round(import_seconds(root, verb, times), 2) for verb in VERBS},
    }


def text_of(found: dict[str, Any]) -> str:
    """The tables."""
    said, of = found["documented"]["said"], found["documented"]["of"]
    file, function = found["longest_files"][0], found["longest_functions"][0]
    rows = [
        ("files, lines", f"{found['files']:,}, {found['lines']:,}", ""),
        ("lines of tests for each line", f"{found['test_lines'] / found['lines']:.2f}", ""),
        ("longest file", f"{file[1]} lines, {file[0]}", f"under {LONGEST_FILE}"),
        ("longest function, without signature and docstring", f"{function[1]} lines, {function[0]}",
         f"under {LONGEST_FUNCTION}"),
        ("public functions that take or give arrays, and say their shapes", f"{said} of {of}", f"{DOCUMENTED:.0%}"),
        ("`type: ignore`", str(found["type_ignores"]), ""),
        (f"blocks of {repeats.LEAST} lines that repeat, src", str(len(found["repeated_blocks"])), ""),
        (f"blocks of {repeats.LEAST} lines that repeat, tests", str(len(found["repeated_blocks_in_tests"])), ""),
        ("direct dependencies", str(found["dependencies"]), "at most 15"),
        *_starts(found["help_seconds"]),
    ]  # fmt: skip
    missing = "".join(f"\n- {name}" for name in found["documented"]["missing"])
    return tables.markdown(("measure", "value", "target"), rows) + f"\n\nShapes are not said of:\n{missing}"


def _starts(seconds: dict[str, float]) -> list[tuple[str, str, str]]:
    return [(f"`headstart {verb} --help`", f"{each:.2f} s of a processor", "") for verb, each in seconds.items()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=lines.RESULTS.parents[1])
    parser.add_argument("--times", type=int, default=3, help="processes whose time is taken for each command")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    found = measures(args.root.resolve(), args.times)
    text = text_of(found)
    print(text)
    args.out.mkdir(parents=True, exist_ok=True)
    lines.write_json(args.out / "house.json", {"machine": machine.describe(), **found})
    (args.out / "house.md").write_text(text + "\n")


if __name__ == "__main__":
    main()
