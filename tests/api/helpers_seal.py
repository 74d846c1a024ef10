"""Targets that must not be looked at, and the same data with another test part."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas
import pytest
import yaml

import headstart
from headstart.fitting import solved as solving

CLOCK = {"seconds", "spent", "time", "predicted", "curve"}  # keys whose values are measured, or lie beside such
CHOSEN = ("guard", "learning_curve", "mitigation", "training", "race", "balance", "primary", "primary_reason")


class Untouchable:
    """A target that was sealed: whoever looks at it looks too early."""

    def _touched(self, *_: Any) -> Any:
        raise AssertionError("a sealed target was looked at")

    __str__ = __repr__ = __format__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = _touched
    __float__ = __int__ = __index__ = __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = __add__ = _touched


class Sealing:
    """From the moment of the seal on, the targets of the test rows in the data that a fit holds are untouchable.

    What the seal itself holds is not: only ``unseal`` gives it away.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.parts: list[Any] = []
        real = solving.parted

        def sealed(dataset: Any, *others: Any) -> Any:
            parts = real(dataset, *others)
            for row in parts.split.test:
                dataset.targets[row] = Untouchable()  # in place: whoever holds the data holds this array
            self.parts.append(parts)
            return parts

        monkeypatch.setattr(solving, "parted", sealed)


def with_split(frame: pandas.DataFrame) -> pandas.DataFrame:
    """Every fourth row is tested on."""
    return frame.assign(split=["test" if row % 4 == 3 else "train" for row in range(len(frame))])


def with_other_test(frame: pandas.DataFrame, target: str, **inputs: Any) -> pandas.DataFrame:
    """The test rows' targets dealt out anew, and their inputs changed: by column, a function of the old values."""
    found, test = frame.copy(), frame["split"] == "test"
    found.loc[test, target] = np.roll(frame.loc[test, target].to_numpy(), 1)
    for name, change in inputs.items():
        found.loc[test, name] = change(frame.loc[test, name])
    return found


def decided(run: headstart.Run) -> dict[str, Any]:
    """All that was fitted and chosen: weights as bytes, what the bundle says of itself, config, decisions, evidence."""
    manifest = json.loads((run.bundle / "manifest.json").read_text())
    config = yaml.safe_load((run.path / "config.yaml").read_text())
    decisions = [json.loads(line) for line in (run.path / "decisions.jsonl").read_text().splitlines()]
    evidence = run.evidence
    return {
        "weights": (run.bundle / "weights.safetensors").read_bytes(),
        "manifest": {key: value for key, value in manifest.items() if key not in ("files", "sha256")},
        "config": {key: value for key, value in config.items() if key not in ("data", "out")},
        "decisions": _without_clock(decisions),
        "calibration": evidence["calibration"]["chosen"],
        **{name: _without_clock(evidence.get(name)) for name in CHOSEN},
    }


def _without_clock(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_clock(each) for key, each in value.items() if key not in CLOCK}
    if isinstance(value, list):
        return [_without_clock(each) for each in value]
    return value
