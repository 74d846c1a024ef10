"""Have the ratios that matter become worse than the last committed ones? In five minutes, on any machine.

    make bench-quick
    python benchmarks/quick.py --commit       # these become the ones to compare with

Each ratio is our time over a yardstick's in the same round, so that a slow or busy machine slows both. "Worse" is said
where the best of the new rounds is above the worst of the committed ones by more than the margin; fewer rounds, or a
busy machine, widen what counts as noise, and never the other way. Exit code 1 where something is worse. The committed
figures lie in ``results/quick.json`` with machine, versions, command and date.
"""

from __future__ import annotations

import argparse
import datetime
import json
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from comparison import lines, machine, tables
from quick_parts import RATIOS

ROUNDS = 3
MARGIN = 1.1  # of the worst committed round
COMMITTED = lines.RESULTS / "quick.json"


def verdict(new: Sequence[float], old: Sequence[float] | None) -> str:
    """What is said of a ratio.

    >>> verdict([0.5, 0.6], [0.4, 0.55]), verdict([0.7, 0.8], [0.4, 0.6]), verdict([0.2, 0.3], [0.4, 0.6])
    ('as before', 'WORSE', 'better')
    >>> verdict([0.5], None)
    'new'
    """
    if old is None:
        return "new"
    if min(new) > MARGIN * max(old):
        return "WORSE"
    return "better" if max(new) * MARGIN < min(old) else "as before"


def measured(rounds: int, work: Path, names: Sequence[str]) -> dict[str, list[float]]:
    """Every ratio, round after round."""
    found: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(rounds):
        for name in names:
            print(f"round {turn + 1}: {name} ...", flush=True)
            found[name].append(round(RATIOS[name].measure(work / f"{name}-{turn}"), 4))
    return found


def report(new: Mapping[str, Sequence[float]], committed: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The table, and the names of what is worse."""
    old = committed.get("ratios", {})
    said = {name: verdict(values, old.get(name)) for name, values in new.items()}
    rows = [
        (RATIOS[name].what, f"{statistics.median(values):.3g} ({min(values):.3g} to {max(values):.3g})",
         _span(old.get(name)), said[name])
        for name, values in new.items()
    ]  # fmt: skip
    date = f"committed {committed['date']}" if committed else "committed"
    worse = [name for name, word in said.items() if word == "WORSE"]
    return tables.markdown(("ratio, lower is better", "now", date, ""), rows), worse


def _span(values: Sequence[float] | None) -> str:
    return "-" if not values else f"{statistics.median(values):.3g} ({min(values):.3g} to {max(values):.3g})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(RATIOS), help=", ".join(RATIOS))
    parser.add_argument("--commit", action="store_true", help="write results/quick.json")
    args = parser.parse_args()
    committed = json.loads(COMMITTED.read_text()) if COMMITTED.exists() else {}
    with tempfile.TemporaryDirectory() as work:
        new = measured(args.rounds, Path(work), args.only)
    text, worse = report(new, committed)
    print(f"\n{text}")
    if args.commit:
        about = {"date": datetime.date.today().isoformat(), "command": "python benchmarks/quick.py --commit"}
        facts = {"machine": machine.describe(), "versions": machine.versions(Path(sys.executable))}
        lines.write_json(COMMITTED, {**about, **facts, "ratios": new})
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
