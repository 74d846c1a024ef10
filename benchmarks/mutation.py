"""Do the tests of a room notice when its code is changed? The mutation score, file by file.

    make mutation
    python benchmarks/mutation.py --rooms evaluation     # one room
    python benchmarks/mutation.py --again                # survivors of the last run, with the tests as they are now
    python benchmarks/mutation.py --summary              # nothing runs; results/ again, of what was judged so far

mutmut changes one thing at a time in every function of a room (an operator, a number, an argument, a default); the
tests of that room alone, and of these the ones that reach the function, must then fail. What survives is listed with a
reason from ``mutation_parts/reasons.toml``. Decorated functions (properties) and what stands outside functions are not
changed. Examples of hypothesis follow from the tests alone, so the verdicts come out again. Writes
``results/mutation.json`` and ``.md``; rooms that did not run keep what stands there.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import subprocess
from pathlib import Path
from typing import Any

from comparison import lines, machine, tables
from mutation_parts import reasons, rooms, scores, verdicts, workshop

ROOT = lines.RESULTS.parents[1]
PACKAGES = ("mutmut", "pytest", "hypothesis", "numpy", "scipy")


def judge(room: rooms.Room, place: Path, processes: int, again: bool) -> None:
    """Run a room; with ``again`` only what is new there and what survived."""
    if not again or not place.exists():
        workshop.prepare(place, ROOT, room)
        workshop.run(place, processes, [])
        return
    workshop.configure(place, ROOT, room)
    workshop.forget_tests(place)
    workshop.run(place, processes, [])
    open_ = [mutant.name for mutant in verdicts.read(place) if mutant.verdict in ("survived", "timeout")]
    if open_:
        workshop.run(place, processes, open_)


def facts() -> dict[str, Any]:
    """When, of which commit and with what a room was judged."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return {
        "date": datetime.date.today().isoformat(),
        "commit": commit.stdout.strip() or None,
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
    }


def text_of(found: dict[str, Any]) -> str:
    """The tables and the survivors."""
    parts = []
    for name, room in found["rooms"].items():
        header = ("file", "mutants", "killed", "timeouts", "survived", "equivalent", "score", "without equivalent")
        rows = [(file.removeprefix(f"{name}/"), *_cells(each)) for file, each in room["files"].items()]
        parts.append(f"## {name}\n")
        parts.append(f"{room['date']}, commit {room['commit']}. {_waiting(name, room['not_judged'])}\n")
        parts.append(tables.markdown(header, [*rows, ("all", *_cells(room["all"]))]) + "\n")
        parts.append(_survivors(name, room["survivors"]))
    return "\n".join(parts)


def _waiting(room: str, counts: dict[str, int]) -> str:
    named = ", ".join(f"{file.removeprefix(f'{room}/')} ({count})" for file, count in counts.items())
    return f"Not judged yet: {named}." if named else "All were judged."


def _cells(counts: dict[str, Any]) -> tuple[str, ...]:
    numbers = (str(counts[key]) for key in ("mutants", "killed", "timeouts", "survived", "equivalent"))
    return (*numbers, *(_percent(counts[key]) for key in ("score", "score_without_equivalent")))


def _percent(share: float | None) -> str:
    return tables.MISSING if share is None else f"{share:.1%}"


def _survivors(room: str, survivors: list[dict[str, str]]) -> str:
    """Grouped by file, function and reason."""
    groups: dict[tuple[str, str, str, str], list[str]] = {}
    for each in survivors:
        was, becomes = scores.narrowed(each["was"], each["becomes"])
        place = (each["file"].removeprefix(f"{room}/"), each["function"], each["kind"], each["why"])
        groups.setdefault(place, []).append(f"`{was}` → `{becomes}`")
    listed = []
    for (file, function, kind, why), changes in groups.items():
        said = f"{kind}: {why}" if why else kind
        listed.append(f"- {file}, `{function}`, {said}\n" + "\n".join(f"  - {change}" for change in changes))
    return "\n".join(listed) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rooms", type=lambda text: text.split(","), help="all unless named")
    parser.add_argument("--again", action="store_true", help="judge what survived, and changed functions, once more")
    parser.add_argument("--summary", action="store_true", help="run nothing")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "mutation", help="folder for changed code")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    lines.stoppable()
    kept = args.out / "mutation.json"
    found: dict[str, Any] = json.loads(kept.read_text())["rooms"] if kept.exists() else {}
    for room in rooms.named(args.rooms):
        place = args.work.resolve() / room.folder
        if not args.summary:
            judge(room, place, args.processes, args.again)
        elif not place.exists():
            continue
        found[room.code] = facts() | scores.document(verdicts.read(place), reasons.read())
        document = {"command": "make mutation", "machine": machine.describe(), "rooms": found}
        lines.write_json(kept, document)
        kept.with_suffix(".md").write_text(text_of(document))
    for name, room in found.items():
        print(f"{name}: {_percent(room['all']['score'])}, {room['all']['unexplained']} survivors without a reason")


if __name__ == "__main__":
    main()
