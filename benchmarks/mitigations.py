"""What do mitigations give the worst-off group, and what does it cost, on real tables and on a planted shortcut?

    python benchmarks/mitigations.py --data DATA [--seeds 3]

DATA holds ``adult_income``, ``german_credit`` and ``cifar10_small``. Tables: groups by sex and by race, cells by class;
features are those of the ``columns`` backbone, the groups' columns among them. Pictures: two classes of two or three
kinds each, with a square in one corner whose colour is that of the picture's own class in 95 of 100 training pictures
and that of the other class in the rest (colours are the groups); every test picture is seen with both, and the mean
counts them 95 to 5. Strengths are chosen on folds of the training part, the test part is looked at once for each.
Nothing is timed. Writes ``results/mitigations.json`` and ``.md``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from comparison import lines, machine, tables
from comparison.features import features_of
from PIL import Image, ImageDraw, ImageOps

STRENGTHS = (0.03, 0.1, 0.3, 1.0)
AGREE = 0.95
Sides = tuple[tuple[str, ...], tuple[str, ...]]
COLOURS = ((220, 30, 30), (30, 60, 220))
SIDE = 96  # pixels of the pictures that get a square
LEAST = 5  # rows that a cell needs to be looked at
SEXES = {"A91": "male", "A92": "female", "A93": "male", "A94": "male", "A95": "female"}
TABLES = {
    "adult_income": {"sex": str, "race": str},
    "german_credit": {"personal_status_sex": SEXES.__getitem__},
}
PICTURES = {  # of either class: hard and easy to tell without the square
    "cifar10_small": (
        (("bird", "cat", "deer"), ("dog", "frog", "horse")),
        (("airplane", "ship"), ("automobile", "truck")),
    )
}


@dataclass(frozen=True)
class Rows:
    """Features ``(N, D)``, classes, groups and weights ``(N,)``, of one part."""

    features: Any
    classes: Any
    groups: Any
    weights: Any

    def take(self, rows: Any) -> Rows:
        """Some of them."""
        return Rows(self.features[rows], self.classes[rows], self.groups[rows], self.weights[rows])


@dataclass(frozen=True)
class Case:
    """One question: a training and a test part, and what their groups and classes are called."""

    name: str
    train: Rows
    test: Rows
    group_names: tuple[str, ...]
    class_names: tuple[str, ...]
    by: str


def table_case(folder: Path, column: str, name_of: Any, seed: int) -> Case:
    """Plain columns; where there is no test part, 30 of 100 rows are set apart."""
    from headstart.backbones.fitted.columns import PLUGIN
    from headstart.data.splits import train_test
    from headstart.features.reading import read_sources
    from headstart.request.fit_config import merge

    request = merge({"data": str(folder), "target": "label"})
    dataset = read_sources(request, (request.data, None)).dataset
    class_names, classes = np.unique(dataset.targets.astype(str), return_inverse=True)
    is_test = dataset.split == "test"
    is_drawn = not is_test.any()
    if is_drawn:
        is_test[train_test(classes, None, 0.3, np.random.default_rng(seed))[1]] = True
    values = np.array([name_of(value) for value in dataset.table.columns[column].values])
    group_names, groups = np.unique(values, return_inverse=True)
    columns = PLUGIN.build(PLUGIN.config())
    arrays = columns.fit(dataset.table.take(~is_test))
    every = Rows(columns.transform(arrays, dataset.table), classes, groups, np.ones(len(classes)))
    name = f"{folder.name}, {'sex' if 'sex' in column else column}" + (f", split {seed}" if is_drawn else "")
    return Case(name, every.take(~is_test), every.take(is_test), tuple(group_names), tuple(class_names), "group_class")


def stamped(picture: Image.Image, colour: int) -> Image.Image:
    """A square picture with a square of one of two colours in its upper left corner."""
    square = ImageOps.fit(picture.convert("RGB"), (SIDE, SIDE))
    edge, size = SIDE // 16, SIDE // 3
    ImageDraw.Draw(square).rectangle((edge, edge, edge + size, edge + size), fill=COLOURS[colour])
    return square


def picture_case(folder: Path, sides: Sides, seed: int) -> Case:
    """Pictures of two classes with a square in a corner, written to a folder of their own and read as any others."""
    rng = np.random.default_rng(seed)
    class_names = tuple(" or ".join(side) for side in sides)
    with tempfile.TemporaryDirectory() as place:
        for path in sorted(folder.glob("*/*/*")):
            own = next((at for at, side in enumerate(sides) if path.parent.name in side), None)
            is_train = path.parts[-3] == "train"
            for agrees in [bool(rng.random() < AGREE)] if is_train else [True, False]:
                if own is not None:
                    colour = own if agrees else 1 - own
                    to = Path(place, path.parts[-3], class_names[own], f"{path.parent.name}-{path.stem}-{colour}.png")
                    to.parent.mkdir(parents=True, exist_ok=True)
                    stamped(Image.open(path), colour).save(to)
        features, dataset = features_of(Path(place))
    groups = np.array([int(Path(name).stem[-1]) for name in dataset.ids])
    classes = np.array([class_names.index(target) for target in dataset.targets])
    is_test = dataset.split == "test"
    weights = np.where(is_test, np.where(groups == classes, AGREE, 1 - AGREE), 1.0)
    every = Rows(features, classes, groups, weights)
    name = f"{' / '.join(class_names)}, planted square, draw {seed}"
    return Case(name, every.take(~is_test), every.take(is_test), ("red", "blue"), class_names, "group_class")


def figures(outputs: Any, test: Rows, by: str) -> dict[str, float]:
    """Mean and worst accuracy of a test part, and the gap of true and false positive rates where classes are two."""
    from headstart.mitigation.thresholds import gap_of

    right = outputs.argmax(axis=1) == test.classes
    width = outputs.shape[1] if by == "group_class" else 1
    cells = test.groups * width + (test.classes if width > 1 else 0)
    sizes = np.bincount(cells)
    looked_at = [cell for cell in np.unique(cells) if sizes[cell] >= LEAST]
    found = {
        "mean": float(np.average(right, weights=test.weights)),
        "worst": min(float(right[cells == cell].mean()) for cell in looked_at),
    }
    if outputs.shape[1] == 2:
        is_large = np.isin(test.groups, np.flatnonzero(np.bincount(test.groups) >= 30))
        said = outputs.argmax(axis=1)[is_large] == 1
        found["equalized_odds"] = gap_of("equalized_odds", test.classes[is_large] == 1, said, test.groups[is_large])
    return found


def run(case: Case, seed: int) -> dict[str, Any]:
    """Every mitigation at every strength: on folds, and on the test part."""
    from headstart.core.learning import Targets
    from headstart.core.resources import one_blas_thread
    from headstart.data.splits import folds
    from headstart.mitigation.group_thresholds import predict
    from headstart.mitigation.grouped import Grouped
    from headstart.mitigation.sweep import suited, sweep
    from headstart.solving.candidates import default_method

    train, width, method = case.train, len(case.class_names), default_method("linear_probe")
    strata = train.groups * width + train.classes  # small cells are spread over the folds
    parts = folds(strata, np.arange(len(strata)), 5, np.random.default_rng(seed))
    given = Grouped(train.features, Targets(train.classes, "class", width), train.groups, parts)
    is_table = not any("planted" in word for word in case.name.split())
    names = suited("class", width, group_at_prediction=is_table)
    with one_blas_thread():
        swept = sweep(
            given, method, names, case.group_names, strengths=STRENGTHS, by=case.by, class_names=case.class_names,
            least=LEAST, seed=seed,
        )  # fmt: skip
        points = []
        for point, ((name, _), solution) in zip(swept.curve["points"], swept.solutions.items(), strict=True):
            if name == "group_thresholds":
                outputs = predict(solution.fitted, case.test.features, case.test.groups, method)
            else:
                outputs = method.predict(solution.fitted, case.test.features)
            points.append({**point, "test": figures(outputs, case.test, case.by)})
    sizes = {"train": len(train.classes), "test": len(case.test.classes), "features": train.features.shape[1]}
    return {
        "name": case.name,
        **sizes,
        "groups": swept.curve["groups"],
        "chosen": swept.curve["chosen"],
        "points": points,
    }


def summary(runs: list[dict[str, Any]]) -> str:
    """What was chosen on folds, and every mitigation at full strength, on the test part."""
    picked, full = [], []
    for one in runs:
        before, after = one["points"][0]["test"], one["points"][one["chosen"]]
        picked.append((one["name"], f"{after['mitigation']} {after['strength']:g}", *changes(before, after["test"])))
        for point in one["points"]:
            if point["strength"] == 1.0:
                full.append((one["name"], point["mitigation"], *changes(before, point["test"])))
    header = ("worst before", "after", "points", "mean before", "after", "points", "odds gap before", "after")
    return "\n\n".join(
        [
            "Chosen on folds (smallest log-loss of the worst cell for at most 2 points of the mean), on the test part:",
            tables.markdown(("data", "chosen", *header), picked),
            "Every mitigation at strength 1, on the test part:",
            tables.markdown(("data", "mitigation", *header), full),
        ]
    )


def changes(before: dict[str, float], after: dict[str, float]) -> list[str]:
    found = []
    for key in ("worst", "mean"):
        change = 100 * (after[key] - before[key])
        found += [f"{100 * before[key]:.1f}", f"{100 * after[key]:.1f}", f"{change:+.1f}"]
    gaps = [before.get("equalized_odds"), after.get("equalized_odds")]
    return found + ["-" if gap is None else f"{100 * gap:.1f}" for gap in gaps]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--sets", type=lambda text: text.split(","), default=[*TABLES, *PICTURES])
    parser.add_argument("--seeds", type=int, default=3, help="draws of what is planted, and of splits that a set lacks")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    runs = []
    for name in args.sets:
        for seed in range(1 if name == "adult_income" else args.seeds):
            for case in cases_of(args.data / name, seed):
                runs.append(run(case, seed))
                print(runs[-1]["name"], runs[-1]["points"][runs[-1]["chosen"]]["sentence"], flush=True)
                write(args.out, runs)
    print(f"\n{summary(runs)}")


def cases_of(folder: Path, seed: int) -> list[Case]:
    if folder.name in TABLES:
        return [table_case(folder, column, how, seed) for column, how in TABLES[folder.name].items()]
    return [picture_case(folder, sides, seed) for sides in PICTURES[folder.name]]


def write(out: Path, runs: list[dict[str, Any]]) -> None:
    """What there is so far."""
    document = {"schema": 1, "machine": machine.describe(), "strengths": list(STRENGTHS), "runs": runs}
    (out / "mitigations.json").write_text(json.dumps(document, indent=1) + "\n")
    (out / "mitigations.md").write_text(summary(runs) + "\n")


if __name__ == "__main__":
    main()
