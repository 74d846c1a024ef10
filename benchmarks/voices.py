"""Another speaker: probes on recordings as they are, and on views of them with other voices and channels.

``python benchmarks/voices.py --data DATA``

DATA holds ``spoken_digits``: six speakers, 200 recordings each. A linear probe on the speech embedding learns from five
speakers, or from one, and is measured on one who was never heard. Its penalty is chosen on folds that keep speakers (of
one speaker: recordings) together. What it learns from: the recordings; two augmented views of each beside them,
"light", "strong", and of "strong" the voice or the channel alone; features standardised within each speaker, the
unheard one by all 200 of theirs; or moved, all speakers together, to the unheard one's mean and spread. Writes
``results/voices.json``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from shifts.sets import SETS, digits

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "voices.json"
VIEWS = 2
SILENT = {"tract": 0.0, "telephone": 0.0, "colour": 0.0, "room": 0.0, "codec": 0.0}
VOICE = {"tract": 0.15}
CHANNEL = {"telephone": 0.25, "colour": 6.0, "room": 0.3, "codec": 0.25}
LIGHT = {"time_mask": 0.1, "band": 0.1, "gain": 3.0, "shift": 0.05}
STILL = dict.fromkeys(LIGHT, 0.0)


def main() -> None:
    """Features of all views, then heads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=HERE.parent / "build" / "voices")
    options = parser.parse_args()
    frame = digits(options.data).reset_index(drop=True)
    classes, truth = np.unique(frame.label.to_numpy(dtype=str), return_inverse=True)
    speakers = frame.domain.to_numpy(dtype=str)
    kinds = {
        "light": LIGHT, "strong": {**doubled(LIGHT), **VOICE, **CHANNEL}, "voice": {**STILL, **SILENT, **VOICE},
        "channel": {**STILL, **SILENT, **CHANNEL},
    }  # fmt: skip
    seen = {
        kind: kept(options.work / f"{kind}.npz", frame.input, settings)
        for kind, settings in {"plain": None, **kinds}.items()
    }
    shifts = [(here, there) for here, there in SETS["digits"].pairs]
    found = []
    for here, there in shifts:
        ours, theirs = speakers != there if here == "*" else speakers == here, speakers == there
        line = {"from": "five" if here == "*" else here, "to": there}
        for kind in ("plain", *kinds):
            parts = [seen["plain"][0]] if kind == "plain" else [seen["plain"][0], *seen[kind]]
            line[kind] = right(parts, ours, theirs, truth, speakers, seen["plain"][0])
        alike = within(seen["plain"][0], speakers)
        line["standardised"] = right([alike], ours, theirs, truth, speakers, alike)
        moved = as_there(seen["plain"][0], ours, theirs)
        line["moved"] = right([moved], ours, theirs, truth, speakers, seen["plain"][0])
        found.append(line)
        print(json.dumps(line), flush=True)
    RESULTS.write_text(json.dumps({"lines": found, "means": means_of(found)}, indent=1) + "\n")
    print(json.dumps(means_of(found), indent=1))


def doubled(settings: dict[str, float]) -> dict[str, float]:
    """As strong views have it."""
    return {name: 2 * value for name, value in settings.items()}


def kept(place: Path, files: Any, settings: dict[str, float] | None) -> Any:
    """``(views, n, D)`` features, computed once."""
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        numbers = [0] if settings is None else range(1, VIEWS + 1)
        np.savez(place, features=np.stack([features_of(files, settings, number) for number in numbers]))
    return np.load(place)["features"]


def features_of(files: Any, settings: dict[str, float] | None, number: int) -> Any:
    """``(n, D)`` float32 of one view."""
    import torch

    from headstart.backbones.pretrained.find import load
    from headstart.data.modalities import modality

    backbone, sound = load("speech_embedding").eval(), modality("sound")
    preparer = sound.preparer(backbone.preprocessing, {})
    view = preparer if settings is None else sound.view(preparer, settings, number)
    arrays = [view.prepare(Path(file).read_bytes()) for file in files]
    out = np.zeros((len(arrays), backbone.feature_dim), np.float32)
    with torch.inference_mode():
        for length in sorted({len(array) for array in arrays}):
            rows = [row for row, array in enumerate(arrays) if len(array) == length]
            for low in range(0, len(rows), 32):
                some = rows[low : low + 32]
                out[some] = backbone(torch.from_numpy(np.stack([arrays[row] for row in some]))).numpy()
    return out


def within(features: Any, speakers: Any) -> Any:
    """Each speaker's features with mean 0 and spread 1."""
    out = features.copy()
    for name in np.unique(speakers):
        rows = speakers == name
        out[rows] = (features[rows] - features[rows].mean(0)) / (features[rows].std(0) + 1e-3)
    return out


def as_there(features: Any, ours: Any, theirs: Any) -> Any:
    """All other speakers' features together with the unheard one's mean and spread, as ``standardisation`` has it."""
    here, there = features[ours], features[theirs]
    return (features - here.mean(0)) / (here.std(0) + 1e-3) * there.std(0) + there.mean(0)


def right(parts: list[Any], ours: Any, theirs: Any, truth: Any, speakers: Any, target: Any) -> float:
    """Share of the unheard speaker's recordings, by a probe on all parts of the other rows."""
    from headstart.adaptation.domains import Labeled
    from headstart.adaptation.solver import solver_of
    from headstart.core.learning import Targets

    features = np.concatenate([part[ours] for part in parts])
    values, groups = (np.tile(each[ours], len(parts)) for each in (truth, np.unique(speakers, return_inverse=True)[1]))
    folds = np.tile(np.arange(int(ours.sum())) % 5, len(parts)) if len(np.unique(groups)) == 1 else groups % 5
    targets = Targets(values, "class", int(truth.max()) + 1)
    source = Labeled(features, targets, groups, np.ones(len(values), bool))
    solver = solver_of(
        "linear_probe", trained=False, source=source, folds=np.unique(folds, return_inverse=True)[1].astype(np.int64),
        width=features.shape[1], seed=0,
    )  # fmt: skip
    said = solver.outputs(solver.fit(features, targets), target[theirs]).argmax(1)
    return float((said == truth[theirs]).mean())


def means_of(lines: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Of learning from five speakers, and from one."""
    names = [name for name, value in lines[0].items() if isinstance(value, float)]
    return {
        told: {name: round(float(np.mean([each[name] for each in lines if (each["from"] == "five") == many])), 4)
               for name in names}
        for told, many in (("five", True), ("one", False))
    }  # fmt: skip


if __name__ == "__main__":
    main()
