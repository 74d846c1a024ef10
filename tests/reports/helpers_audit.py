"""Realistic audits for the pages; nothing is looked at."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reports.helpers_reports import CLOTHES, photo

WORDS = "I was charged twice for my card payment and the second one is still pending, when will it go away?"


def suspect(i: int, names: Sequence[str] = CLOTHES, **more: str) -> dict[str, str]:
    """An example whose label is doubted."""
    given, suggested = names[i % len(names)], names[(i + 1) % len(names)]
    return {
        "id": f"train/{given}/{i:04d}.jpg", "why": f"its label has a probability of {0.01 + 0.003 * i:.3f}",
        "given": given, "suggested": suggested, **more,
    }  # fmt: skip


def finding(name: str, severity: str, suspects: Sequence[Mapping[str, str]] = (), **more: Any) -> dict[str, Any]:
    """One finding as audit.json holds it."""
    return {
        "id": name, "severity": severity, "what": f"What {name.split('/')[0]} found, with its figures.",
        "action": "Look at them and correct what is wrong.", "evidence": {}, "count": len(suspects),
        "suspects": list(suspects), **more,
    }  # fmt: skip


def audit(findings: Sequence[Mapping[str, Any]], *, accepted: Sequence[str] = (), **more: Any) -> dict[str, Any]:
    """audit.json."""
    severe = [each["id"] for each in findings if each["severity"] == "severe"]
    counts = {word: sum(each["severity"] == word for each in findings) for word in ("severe", "warning", "hint")}
    parts = ", ".join(f"{number} {word}" for word, number in counts.items() if number)
    nothing = "Nothing was found that should be mended."
    return {
        "schema": 1,
        "headstart_version": "0.1.0",
        "sentence": f"{len(findings)} finding{'s' * (len(findings) > 1)}: {parts}." if findings else nothing,
        "data": {"name": "clothing_small", "n": 922, "modality": "image", "fingerprint": "9b1f0c5a7d3e2b4c" * 4},
        "n": {"examined": 922, "with_targets": 550, "test": 372},
        "task": "classification",
        "probe": {"metric": "accuracy", "value": 0.8727, "rows": 550},
        "accepted": list(accepted),
        "refused": [name for name in severe if name not in accepted],
        "findings": list(findings),
        "cost": {"wall_seconds": 12.41, "cpu_seconds": 21.0, "peak_memory_mib": 803.2, "predict_ms_per_input": None},
        **more,
    }


def several(names: Sequence[str] = CLOTHES) -> dict[str, Any]:
    """One of each severity, with pictures, figures of every shape, and a column's name."""
    copies = [
        {"id": f"test/{names[i % len(names)]}/{i:04d}.jpg", "why": f"nearly the same as train/pants/{i + 7:04d}.jpg"}
        for i in range(41)
    ]
    found = [
        finding(
            "duplicates_across_splits", "severe", copies,
            what="41 of 372 test examples (11.0 %) are nearly the same as an example outside the test, so the result "
            "would mostly show what it remembers.",
            action="Correct the split, or let a new one be made with --resplit, which keeps copies on one side.",
            evidence={"copied": 41, "test": 372, "share": 0.1102, "pairs": [["a", "b"]]},
        ),
        finding(
            "label_errors", "warning", [suspect(i, names) for i in range(1100)],
            what="About 24 of 550 labels are probably wrong (4.4 %), most of them shirts that are called t-shirts.",
            action="Look through corrected.csv, put right what is wrong, and audit again.",
            evidence={
                "suspected": 24, "fraction": {"value": 0.0436, "low": 0.029, "high": 0.064, "level": 0.95},
                "by_class": {name: 10 - i for i, name in enumerate(names[:10])}, "folds": 5, "is_calibrated": True,
            },
        ),
        finding(
            "leaking_columns/price; paid", "hint",
            what="The column 'price; paid' was left out, since it gives the answer away.",
            action="Nothing must be done; to use it all the same, name all input columns with --input.",
        ),
    ]  # fmt: skip
    return audit(found)


def accepted() -> dict[str, Any]:
    """The severe one is accepted by name."""
    return audit(several()["findings"], accepted=["duplicates_across_splits"])


def nothing() -> dict[str, Any]:
    """No findings, and no probe."""
    return audit([], probe=None)


def texts() -> dict[str, Any]:
    """Suspects of which a text is shown."""
    names = ["card payment charged twice", "pending card payment", "a very long name of an intent " * 3]
    return audit([finding("label_errors", "warning", [suspect(i, names, id=str(i)) for i in range(60)])])


def many() -> dict[str, Any]:
    """Thirty findings of all severities."""
    severities = ["severe"] * 3 + ["warning"] * 12 + ["hint"] * 15
    return audit(
        [
            finding(
                f"leaking_columns/column {i}" if i % 3 else f"check_{i}", severity,
                [suspect(j, id=f"train/row/{i}-{j}.jpg") for j in range(i)],
                evidence={"rows": 17 * i, "share": i / 100},
            )
            for i, severity in enumerate(severities)
        ]
    )  # fmt: skip


AUDITS = {"several": several, "accepted": accepted, "nothing": nothing, "texts": texts, "many": many}


def excerpts(document: Mapping[str, Any], pictures: Sequence[str] | None = None) -> dict[str, Any]:
    """examples.json of an audit: of the first 24 suspects of each finding, a text where the id is a number."""
    shown = pictures or [photo((40 * i % 256, 90, 200 - 20 * i)) for i in range(8)]
    ids = dict.fromkeys(each["id"] for found in document["findings"] for each in found["suspects"][:24])
    return {
        "schema": 1,
        "suspects": {
            name: {"text": WORDS} if name.isdigit() else {"thumbnail": shown[i % len(shown)], "caption": "160 x 120"}
            for i, name in enumerate(ids)
        },
    }


def write_audit(
    folder: Path, document: Mapping[str, Any], *, examples: bool = True, pictures: Sequence[str] | None = None
) -> Path:
    """The folder of an audit with all files the page reads."""
    folder.mkdir(parents=True)
    (folder / "audit.json").write_text(json.dumps(document), encoding="utf-8")
    if examples:
        (folder / "examples.json").write_text(json.dumps(excerpts(document, pictures)), encoding="utf-8")
    return folder


def in_evidence(document: Mapping[str, Any]) -> dict[str, Any]:
    """ "audit" of the evidence: the same without examples."""
    keys = ("id", "severity", "what", "action", "count")
    return {
        "sentence": document["sentence"],
        "accepted": document["accepted"],
        "findings": [{key: each[key] for key in keys} for each in document["findings"]],
    }
