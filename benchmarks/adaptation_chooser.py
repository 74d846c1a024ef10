"""How an adapted head is chosen without labels, learned on many shifts of real sets, and how often that is right.

    python benchmarks/adaptation_chooser.py --data DATA --try       # every adapter on every shift; niced, hours
    python benchmarks/adaptation_chooser.py --data DATA --learn     # src/headstart/adaptation/chooser.json and tables

What is tried is appended to WORK/adaptation_chooser.jsonl; what is there is not tried again. An adapter that is new is
tried on every shift. ``--learn`` writes ``results/adaptation_chooser.json`` and ``.md``, and the whole table as
``.csv``. See README.md.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from comparison import lines, machine, records, tables
from shifts import learning, summary
from shifts.features import rows_of
from shifts.sets import SETS
from shifts.variations import variations

from headstart.core import plugins


def try_all(args: argparse.Namespace) -> None:
    """What is missing: of each set the first variation before the second of any, so that a stop leaves all sets."""
    from shifts.moved import moved_features
    from shifts.trials import STATISTICS, trial

    place = args.work / "adaptation_chooser.jsonl"
    adapters = args.adapters or [*plugins.names("adaptation.adapters"), STATISTICS]
    done = {run["name"]: run for run in lines.Lines(place).read()}
    rows = {name: rows_of(name, SETS[name], args.data, args.work / "shifts") for name in args.sets}
    queues = {name: list(variations(name, SETS[name], rows[name])) for name in args.sets}
    if args.count:
        print({name: len(queue) for name, queue in queues.items()}, sum(map(len, queues.values())))
        return
    order = [queue[at] for at in range(max(map(len, queues.values()))) for queue in queues.values() if at < len(queue)]
    for variation in order:
        before = done.get(variation.name)
        missing = [name for name in adapters if before is None or args.again or name not in before["adapters"]]
        if before is not None and not missing:
            continue
        source = SETS[variation.set]
        moved = partial(moved_features, source, variation, args.data, args.work / "shifts")
        found = trial(variation, source, rows[variation.set], missing, moved)
        if before is not None and not args.again:
            found = joined(before, found)
        records.append(place, found)
        print(f"{variation.name}: {said(found)}", flush=True)


def learn(args: argparse.Namespace) -> None:
    """The chooser that ships, and the tables."""
    from headstart.adaptation.choosing import LEARNED

    runs = [run for run in lines.Lines(args.work / "adaptation_chooser.jsonl").read() if len(run["tried"]) > 1]
    table = learning.table_of(runs)
    chooser, strengths = learning.learned(table)
    shipped = {**asdict(chooser), "ridge": strengths, "of_sets": counted(runs)}
    lines.write_json(LEARNED, shipped)
    told = summary.ways(table, runs)
    promised = summary.targets(told["chooser and guard"], told["chooser without the guard, one shift left out"])
    by_validator, validators = summary.validators_table(table, runs, chooser)
    chosen = summary.outcomes(table, runs, learning.estimates(table, table.set), guarded=True)
    text = "\n\n".join(
        [
            tables.targets_table(promised),
            summary.ways_table(told),
            by_validator,
            summary.groups_table(runs, chosen, lambda run: run["set"]),
            summary.groups_table(runs, chosen, lambda run: run["kind"]),
        ]
    )
    print(text)
    document = {"chooser": shipped, "ways": told, "validators": validators}
    lines.write_json(args.out / "adaptation_chooser.json", {"machine": machine.describe(), **document})
    write_table(args.out / "adaptation_chooser.csv", list(map(learning.with_agreement, runs)), table.names)
    (args.out / "adaptation_chooser.md").write_text(text + "\n")


def counted(runs: list[records.Record]) -> dict[str, int]:
    """Shifts of each set."""
    return dict(sorted(Counter(run["set"] for run in runs).items()))


def write_table(place: Path, runs: list[records.Record], validators: tuple[str, ...]) -> None:
    """One line for each head of each shift: its true score beside what validators say; answers to rows are left out."""
    facts = ("name", "set", "kind", "source", "target", "classes", "primary", "with_labels")
    own = ("score", "changed", "won", "lost", "seconds")
    with place.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*facts, "head", *own, *validators])
        for run in runs:
            for head, found in run["tried"].items():
                values = [found["values"].get(name) for name in validators]
                writer.writerow(map(short, [*(run[key] for key in facts), head, *(found[key] for key in own), *values]))


def short(value: Any) -> str:
    """Numbers to four digits; nothing for None."""
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def joined(before: records.Record, new: records.Record) -> records.Record:
    """Adapters that came later, beside those that were there; both have the same model as it is."""
    return {
        **new,
        "tried": {**new["tried"], **before["tried"]},
        "failed": {**before["failed"], **new["failed"]},
        "adapters": sorted({*before["adapters"], *new["adapters"]}),
        "wall_seconds": before["wall_seconds"] + new["wall_seconds"],
    }


def said(found: records.Record) -> str:
    """A line while it runs."""
    scores = {name: round(100 * each["score"], 1) for name, each in found["tried"].items()}
    return (
        f"{found['wall_seconds']:.1f} s, with labels {100 * found['with_labels']:.1f}, {scores} {found['failed'] or ''}"
    )


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--try", dest="trying", action="store_true", help="every adapter on every shift")
    mode.add_argument("--learn", action="store_true", help="learn from what was tried, and write the tables")
    mode.add_argument("--count", action="store_true", help="say how many shifts there are")
    parser.add_argument("--sets", type=lambda text: text.split(","), default=list(SETS))
    parser.add_argument("--adapters", type=lambda text: text.split(","), help="default: all there are")
    parser.add_argument("--again", action="store_true", help="try what is there once more")
    parser.add_argument("--work", type=Path, default=lines.BUILD, help="folder for features and results")
    parser.add_argument("--out", type=Path, default=lines.RESULTS, help="folder for the tables")
    return parser.parse_args()


def main() -> None:
    args: Any = parse()
    lines.stoppable()
    if args.learn:
        learn(args)
    else:
        try_all(args)


if __name__ == "__main__":
    main()
