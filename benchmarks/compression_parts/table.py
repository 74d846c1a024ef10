"""What ``compression.py`` found, as a document and as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

TITLE = """# Networks made smaller

Written by `compression.py` (see `../README.md`); {machine}. Each seed splits a set anew; a linear probe on the
bundled network is compressed with `--speedup {speedup:g} --max-drop {max_drop:g} --threads 1`, of photographs with
`--by throughput --smaller 4`: of what is that much faster the most accurate ships. Times as fast: the
network alone, against itself in its fastest uncompressed precision on the same runtime ({target}), of photographs 32 at
once, of others where least is gained, one input at a time or 32 at once. Points: of the primary metric on the test,
which was read once, after the choice.
"""


def document_of(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """``runs``, ``pooled`` by set, and ``quantizers``."""
    runs = [dict(each) for each in records if "seed" in each]
    for run in runs:
        if run.get("point", {}).get("knobs", {}).get("counted"):
            run["end_to_end"] = (
                None  # the same texts again and again: their words are remembered, which others' are not
            )
    return {
        "runs": [{key: each[key] for key in each if key not in ("ok", "failure")} for each in runs],
        "pooled": {name: _pooled([each for each in runs if each["set"] == name])
                   for name in dict.fromkeys(each["set"] for each in runs)},
        "quantizers": {each["set"]: each["rows"] for each in records if "rows" in each},
    }  # fmt: skip


def _pooled(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Means over seeds; the interval is that of the mean of independent tests."""
    shipped = [each for each in runs if "point" in each]
    found: dict[str, Any] = {"seeds": len(runs), "shipped": len(shipped)}
    if not shipped:
        return found
    gaps = [each["test"]["difference"] for each in shipped]
    halves = np.array([(each["high"] - each["low"]) / 2 for each in gaps])
    mean, half = 100 * float(np.mean([each["value"] for each in gaps])), 100 * float(np.sqrt((halves**2).sum()))
    half /= len(halves)
    return found | {
        "speedup": float(np.mean([each["point"]["speedup"] for each in shipped])),
        "smaller": float(np.mean([each["point"]["smaller"] for each in shipped])),
        "end_to_end": _mean([each["end_to_end"] for each in shipped]),
        "points": mean, "low": mean - half, "high": mean + half,
        "seconds": float(np.mean([each["seconds"] for each in runs])),
    }  # fmt: skip


def _mean(values: Sequence[float | None]) -> float | None:
    known = [each for each in values if each is not None]
    return float(np.mean(known)) if known else None


def _told(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def table_of(document: Mapping[str, Any]) -> str:
    """Markdown."""
    targets = {f"{run['target']['runtime']} {run['target']['precision']}" for run in document["runs"]}
    machine = document["machine"]["cpu"]
    told = [
        TITLE.format(
            machine=machine,
            max_drop=document["max_drop"],
            speedup=document["speedup"],
            target=", ".join(sorted(targets)),
        )
    ]
    told.append("| set | seed | what ships | times as fast | end to end | times smaller | held out | test | seconds |")
    told.append("|--|--|--|--|--|--|--|--|--|")
    for run in document["runs"]:
        told.append(_run(run))
    for name, each in document["pooled"].items():
        if each["shipped"]:
            told.append(
                f"| **{name}** | mean of {each['shipped']} | | {each['speedup']:.2f} | {_told(each['end_to_end'])} | "
                f"{each['smaller']:.2f} | | {each['points']:+.2f} ({each['low']:+.2f} to {each['high']:+.2f}) | "
                f"{each['seconds']:.0f} |"
            )
    told.append("\n## 8-bit integers at full size, beside other quantizers\n")
    told.append("| set | runtime | by | times as fast | times smaller | points on held-out examples |")
    told.append("|--|--|--|--|--|--|")
    for name, rows in document["quantizers"].items():
        told += [_quantizer(name, row) for row in rows]
    return "\n".join(told) + "\n"


def _run(run: Mapping[str, Any]) -> str:
    if "point" not in run:
        return f"| {run['set']} | {run['seed']} | nothing: {run['why']} | | | | | | {run['seconds']:.0f} |"
    point, gap = run["point"], run["test"]["difference"]
    test = f"{100 * gap['value']:+.1f} ({100 * gap['low']:+.1f} to {100 * gap['high']:+.1f})"
    return (
        f"| {run['set']} | {run['seed']} | {point['name']} | {point['speedup']:.2f} | {_told(run['end_to_end'])} | "
        f"{point['smaller']:.2f} | {point['points']:+.1f}, expected {point['expected']:+.1f} | {test} | "
        f"{run['seconds']:.0f} |"
    )


def _quantizer(name: str, row: Mapping[str, Any]) -> str:
    if "failure" in row:
        return f"| {name} | {row['runtime']} | {row['by']} | {row['failure']} | | |"
    return (
        f"| {name} | {row['runtime']} ({row['against']}) | {row['by']} | {row['speedup']:.2f} | {row['smaller']:.2f} | "
        f"{row['points']:+.1f} ({row['low']:+.1f} to {row['high']:+.1f}) |"
    )
