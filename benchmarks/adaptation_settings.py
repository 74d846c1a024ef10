"""Domains that do not have the same classes: what the partial and the open setting give beside the closed one.

    python benchmarks/adaptation_settings.py --data DATA --work WORK

Features are computed once and kept in WORK, as those of ``adaptation_chooser.py``. Writes
``results/adaptation_settings.json`` and ``.md``. See README.md.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from comparison import lines, machine, tables
from shifts.features import CLEAN, rows_of
from shifts.sets import SETS
from shifts.trials import setting_of
from shifts.variations import Variation

from headstart.adaptation.choosing import choose, learned_chooser
from headstart.adaptation.label_sets.absent import absent_classes
from headstart.adaptation.label_sets.present import restricted
from headstart.adaptation.label_sets.second_look import second_look
from headstart.adaptation.label_sets.unknown import unknown_rows
from headstart.adaptation.trying import parts_of, tried, usable
from headstart.core import plugins
from headstart.evaluation.open_set import h_score
from headstart.postprocessing.unknown import knowledge

SHIFTS = {
    "office": (("amazon", "webcam"), ("webcam", "amazon")),
    "digits": (("*", "lucas"), ("jackson", "george")),
}
REMOVED, MOST, SEED = 3, 500, 0
ROWS = ("partial", "open", "nothing unknown")


def shipped(domains: Any, solver: Any) -> Any:
    """From features to outputs of what the guard ships; None: the head as it is."""
    names, _ = usable(plugins.names("adaptation.adapters"), domains, continuous=True, linear=True)
    judges = [name for name in plugins.names("adaptation.validators") if name in learned_chooser().coefficients]
    found, _ = tried(parts_of(domains, solver, SEED, judges), names, lambda name: None)
    name = choose(found, None).name
    return next((each for each in found if each.name == name), None)


def trial(name: str, ours: str, theirs: str, rows: Any, draw: int, kind: str) -> dict[str, Any]:
    """One shift with other classes at both ends."""
    rng = np.random.default_rng([draw, ROWS.index(kind)])
    classes = np.unique(rows.truth)
    gone = rng.permutation(classes)[: len(classes) // 2 if kind == "partial" else REMOVED]
    source = np.flatnonzero(rows.domain != theirs if ours == "*" else rows.domain == ours)
    target = np.flatnonzero(rows.domain == theirs)
    if kind != "partial":
        source = source[~np.isin(rows.truth[source], gone)]
    if kind != "open":
        target = target[~np.isin(rows.truth[target], gone)]
    source, target = (np.sort(rng.permutation(each)[:MOST]) for each in (source, target))
    known, truth = np.unique(rows.truth[source]), rows.truth[target]
    # nothing reads what the target's rows are; classes that were not learned have no number
    hidden = replace(rows, truth=np.where(np.isin(rows.truth, known), rows.truth, known[0]))
    full = f"{name}/{ours}_to_{theirs}/{kind}/{draw}"
    domains, solver, _ = setting_of(Variation(full, name, "domain", source, target, CLEAN, draw), hidden)
    right = np.searchsorted(known, truth)
    stranger = ~np.isin(truth, known)
    closed = shipped(domains, solver)
    closed = domains.start if closed is None else closed.outputs
    figures = partial(domains, solver, known, truth) if kind == "partial" else open_set(domains, solver)
    answers = {"source only": domains.start.argmax(1), "closed": closed.argmax(1), "setting": figures.pop("answers")}
    record: dict[str, Any] = {"name": full, "kind": kind, "n": len(target), "unknown": int(stranger.sum()), **figures}
    for way, said in answers.items():
        good, found = (said == right)[~stranger].mean(), (said < 0)[stranger].mean() if stranger.any() else None
        record[way] = {"known": float(good), "unknown": None if found is None else float(found)}
        record[way]["h_score"] = None if found is None else h_score(float(good), float(found))
        record[way]["false_unknown"] = float((said < 0)[~stranger].mean())
    return record


def partial(domains: Any, solver: Any, known: Any, truth: Any) -> dict[str, Any]:
    """Absent classes found, rightly and wrongly, and the answers."""
    held = domains.held_out_targets
    counts = np.bincount(held.values, minlength=held.width) + 1.0
    present = absent_classes([domains.start, *second_look(domains, solver, SEED)[:1]], counts / counts.sum()).present
    there = np.isin(known, truth)
    facts = {
        "absent": int((~there).sum()),
        "found": int((~present & ~there).sum()),
        "wrong": int((~present & there).sum()),
    }
    inner = domains if present.all() else restricted(domains, present)
    best = shipped(inner, solver)
    return {**facts, "answers": (inner.start if best is None else best.outputs).argmax(1)}


def open_set(domains: Any, solver: Any) -> dict[str, Any]:
    """Answers, of which -1 is unknown."""
    outputs, held_out = second_look(domains, solver, SEED)
    found = unknown_rows(knowledge(outputs), knowledge(held_out))
    kept = ~found.flags
    inner = replace(domains, target=domains.target.take(kept), start=domains.start[kept])
    best = shipped(inner, solver)
    final = domains.start if best is None else best.predict(domains.target.features)
    less = knowledge(final)
    said = np.where(less < np.quantile(less, found.flags.mean()), -1, final.argmax(1))
    return {"seen": found.seen, "answers": said}


def table_of(records: list[dict[str, Any]]) -> str:
    """Means over shifts and draws."""
    rows = []
    for kind in ROWS:
        mine = [each for each in records if each["kind"] == kind]
        for way in ("source only", "closed", "setting"):
            cells = []
            for part in ("known", "unknown", "h_score", "false_unknown"):
                values = [each[way][part] for each in mine]
                cells.append("" if None in values else f"{fmean(values):.3f}")
            scores = [each[way]["h_score" if kind == "open" else "known"] for each in mine]
            rows.append([kind, way, str(len(mine)), *cells, f"{min(scores):.3f}"])
    titles = ["classes", "way", "trials", "known right", "unknown found", "H-score", "false unknown", "worst"]
    told = [each for each in records if each["kind"] == "partial"]
    counts = {part: sum(each[part] for each in told) for part in ("absent", "found", "wrong")}
    seen = {kind: sum(each["seen"] for each in records if each["kind"] == kind) for kind in ROWS[1:]}
    return (
        f"{tables.markdown(titles, rows)}\n\nOf {counts['absent']} absent classes {counts['found']} were found and "
        f"{counts['wrong']} present ones taken for absent. A second kind of examples was seen in {seen['open']} trials "
        f"with unknown classes, and in {seen['nothing unknown']} without.\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--work", type=Path, default=lines.BUILD, help="folder of adaptation_chooser.py")
    parser.add_argument("--draws", type=int, default=3, help="of the classes that are missing")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    records = []
    for name, pairs in SHIFTS.items():
        rows = rows_of(name, SETS[name], args.data, args.work / "shifts")
        for ours, theirs in pairs:
            for draw in range(args.draws):
                records += [trial(name, ours, theirs, rows, draw, kind) for kind in ROWS]
                print(records[-3:], flush=True)
    text = table_of(records)
    print(text)
    lines.write_json(args.out / "adaptation_settings.json", {"machine": machine.describe(), "trials": records})
    (args.out / "adaptation_settings.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
