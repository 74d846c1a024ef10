"""Does an audit find the faults that were planted?

    python benchmarks/planted_faults.py --data DATA [--sets trec,adult_income] [--faults clean,flips]

Each fault is planted alone in each of six sets, and an audit runs on what comes out (see ``faults/``): 5 % of the
labels flipped; 3 % of the test examples replaced by slightly changed copies of training examples; a column that holds
the answer; a trivial fact that tells the class in 90 % of the examples. The clean set is audited too. Runs are appended
to WORK/planted_faults.jsonl and not repeated; writes ``results/planted_faults.json`` and ``.md``.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from comparison import lines, machine, tables
from comparison.records import Record
from faults import planting, scores, sets


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--sets", type=lambda text: text.split(","), default=list(sets.SETS))
    parser.add_argument("--faults", type=lambda text: text.split(","), help="all unless named")
    parser.add_argument("--work", type=Path, default=lines.BUILD, help="folder for planted sets and results")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    lines.stoppable()
    work = args.work.resolve()
    os.environ["HEADSTART_CACHE"] = str(work / "planted_faults" / "cache")
    found = lines.Lines(work / "planted_faults.jsonl")
    for name in args.sets:
        faults = planting.faults(sets.SETS[name])
        for fault in faults:
            if (args.faults is None or fault in args.faults) and found.wants(f"{name}/{fault}"):
                found.add(run(args.data.resolve(), name, fault, faults[fault], work / "planted_faults" / "set"))
    summarise(found.read(), args.out)


def run(data: Path, name: str, fault: str, planted: planting.Fault, place: Path) -> Record:
    """Plant, write, audit, compare; the written set is gone afterwards."""
    record: Record = {"name": f"{name}/{fault}", "set": name, "fault": fault, "expected": planted.finding}
    began = time.perf_counter()
    try:
        examples = sets.read(data, name)
        random.Random(f"{name}/order").shuffle(examples)
        done = planted.plant(examples, random.Random(f"{name}/{fault}"))
        sets.write(done.examples, sets.SETS[name], place)
        began = time.perf_counter()
        record |= compared(audited(place, sets.options(sets.SETS[name])), planted.finding, done)
        record |= {"ok": True, "failure": None}
    except Exception as problem:  # recorded, and the others go on
        record |= {"ok": False, "failure": f"{type(problem).__name__}: {problem}"}
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return record | {"wall_seconds": round(time.perf_counter() - began, 1)}


def audited(place: Path, options: dict[str, str]) -> dict[str, Any]:
    """audit.json."""
    import headstart

    return dict(headstart.audit(str(place), **options, examples=False).document)


def compared(document: dict[str, Any], expected: str, planted: planting.Planted) -> Record:
    """What was found of what was planted, and all findings without their lists."""
    findings = {each["id"]: each for each in document["findings"]}
    finding = findings.get(expected)
    suspects = [Path(each["id"]).name for each in finding["suspects"]] if finding else []
    return {
        "probe": document["probe"]["value"] if document["probe"] else None,
        "metric": document["probe"]["metric"] if document["probe"] else None,
        "examples": document["n"]["examined"],
        "severity": finding["severity"] if finding else None,
        "found": scores.found(set(planted.changed), suspects).to_dict(),
        "by_kind": scores.by_kind(planted.changed, suspects) if expected == "duplicates_across_splits" else {},
        "findings": [{key: each[key] for key in ("id", "severity", "what", "count")} for each in document["findings"]],
    }


def summarise(records: Sequence[Record], out: Path) -> None:
    """Tables to the terminal and to ``out``."""
    promises = scores.targets(records)
    document = {"machine": machine.describe(), "targets": [asdict(each) for each in promises], "runs": records}
    lines.write_json(out / "planted_faults.json", document)
    parts = (flips_table(records), finding_table(records), clean_table(records), tables.targets_table(promises))
    text = "\n\n".join(parts)
    (out / "planted_faults.md").write_text(text + "\n")
    print(f"\n{text}")


def flips_table(records: Sequence[Record]) -> str:
    """Flips and copies, with the clean probe beside them."""
    probes = {run["set"]: run.get("probe") for run in records if run["ok"] and run["fault"] == "clean"}
    header = ("data", "planted", "clean probe", "planted n", "listed", "recall", "precision", "of the first n", "as")
    return tables.markdown(
        header,
        (
            (
                run["set"],
                run["fault"],
                _share(probes.get(run["set"]), 3),
                str(run["found"]["planted"]),
                str(run["found"]["listed"]),
                _share(run["found"]["recall"]),
                _share(run["found"]["precision"]),
                _share(run["found"]["first_hits"] / run["found"]["planted"]),
                run["severity"] or "-",
            )
            for run in records
            if run["ok"] and run["found"]["planted"]
        ),
    )


def finding_table(records: Sequence[Record]) -> str:
    """Leaks and shortcuts: what the audit says, and what else it warns of."""
    header = ("data", "planted", "expected finding", "found as", "probe", "other severe findings and warnings")
    return tables.markdown(
        header,
        (
            (
                run["set"],
                run["fault"],
                run["expected"] or "none",
                run["severity"] or "-",
                _share(run["probe"], 3),
                ", ".join(_loud(run, but=run["expected"])) or "-",
            )
            for run in records
            if run["ok"] and run["fault"].startswith(("leak", "shortcut"))
        ),
    )


def clean_table(records: Sequence[Record]) -> str:
    """What is severe or a warning though nothing was planted."""
    rows = [
        (run["set"], finding["id"], finding["severity"], finding["what"])
        for run in records
        if run["ok"] and run["fault"] == "clean"
        for finding in run["findings"]
        if finding["severity"] != "hint"
    ]
    return tables.markdown(("clean data", "finding", "severity", "what"), rows or [("-", "-", "-", "nothing")])


def _loud(run: Record, but: str) -> list[str]:
    return [each["id"] for each in run["findings"] if each["severity"] != "hint" and each["id"] != but]


def _share(value: float | None, digits: int = 2) -> str:
    return tables.MISSING if value is None else f"{value:.{digits}f}"


if __name__ == "__main__":
    main()
