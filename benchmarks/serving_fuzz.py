"""A coverage-guided fuzz of all that ``headstart serve`` decodes: does anything but a refusal come out?

    python benchmarks/serving_fuzz.py --python ENV/bin/python

ENV has Headstart with the extras serve and audio, and ``peers/atheris.txt``. Each decoder of ``fuzz/decoders.py`` is
fuzzed for ``--seconds`` from tiny valid inputs. Python code is instrumented (ours, Pillow's, the parser of forms); what
is compiled is not. Writes ``results/serving_fuzz.json``. See README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from comparison import lines, machine
from fuzz import decoders, made

ONE = Path(__file__).parent / "fuzz" / "one.py"
INPUT_SECONDS = 20  # after which libFuzzer ends the process
MEMORY_MIB = 3000
MOST_RESTARTS = 20
STATUS = re.compile(r"#(\d+)\s.*cov: (\d+) ft: (\d+) corp: (\d+)")
CRASH = re.compile(r"(ERROR: libFuzzer: .*|SUMMARY: .*)")


def fuzzed(name: str, folder: Path, python: Path, seconds: float) -> dict[str, Any]:
    """One decoder for so long; a process that libFuzzer ended is started again for what is left."""
    corpus = folder / f"corpus-{name}"
    corpus.mkdir()
    for number, seed in enumerate(decoders.DECODERS[name].seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
    words = folder / f"{name}.dict"
    words.write_text("\n".join('"' + "".join(f"\\x{byte:02x}" for byte in token) + '"'
                               for token in decoders.DECODERS[name].tokens) + "\n")  # fmt: skip
    until = time.perf_counter() + seconds
    executions, ended, seen = 0, [], []
    while (left := until - time.perf_counter()) > 1 and len(ended) <= MOST_RESTARTS:
        said = _process(name, folder, python, left, corpus, words)
        lines_of_status = [tuple(map(int, found)) for found in STATUS.findall(said)]
        executions += max((each[0] for each in lines_of_status), default=0)
        seen += [each[1:] for each in lines_of_status]
        ended += CRASH.findall(said)[:1]
    coverage, features, kept = max(seen, default=(0, 0, 0))
    return {
        "seconds": round(seconds),
        "executions": executions,
        **_watched(folder / f"{name}.jsonl"),
        "ended": ended,
        "seeds": len(decoders.DECODERS[name].seeds()),
        "coverage_of_seeds": seen[0][0] if seen else 0,
        "coverage": coverage,
        "features": features,
        "corpus": kept,
    }


def _process(name: str, folder: Path, python: Path, seconds: float, corpus: Path, words: Path) -> str:
    """What it said."""
    options = {
        "max_total_time": max(1, round(seconds)),
        "max_len": decoders.DECODERS[name].most_bytes,
        "timeout": INPUT_SECONDS,
        "rss_limit_mb": MEMORY_MIB,
        "dict": words,
        "close_fd_mask": 3,  # libmpg123 writes lines about every damaged file
        "artifact_prefix": f"{folder}/",
    }
    command = [str(python), str(ONE), name, str(folder), *(f"-{key}={value}" for key, value in options.items())]
    done = subprocess.run([*command, str(corpus)], capture_output=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    said = done.stderr.decode("utf-8", "replace")
    (folder / f"{name}.log").write_text(said)
    return said


def _watched(path: Path) -> dict[str, Any]:
    """Share of refusals, and distinct faults."""
    found = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    counts = [line for line in found if "executions" in line]
    executions, refused = (sum(line[name] for line in counts) for name in ("executions", "refused"))
    faults = {(line["fault"], tuple(line["places"][-1:])): line for line in found if "fault" in line}
    return {"refused_share": round(refused / max(executions, 1), 3), "faults": list(faults.values())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", type=Path, required=True, help="of an environment with peers/atheris.txt")
    parser.add_argument("--seconds", type=float, default=600.0, help="for each decoder")
    parser.add_argument("--decoder", choices=sorted(decoders.DECODERS), action="append")
    parser.add_argument("--work", type=Path, default=lines.BUILD / "fuzz")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    shutil.rmtree(args.work, ignore_errors=True)
    args.work.mkdir(parents=True)
    made.make(args.work)
    found: dict[str, Any] = {"machine": machine.describe(), "decoders": {}}
    for name in args.decoder or decoders.DECODERS:
        found["decoders"][name] = fuzzed(name, args.work, args.python, args.seconds)
        print(name, json.dumps(found["decoders"][name], indent=1), flush=True)
        lines.write_json(args.out / "serving_fuzz.json", found)


if __name__ == "__main__":
    main()
