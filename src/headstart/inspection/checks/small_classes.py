"""Classes and labels with few examples, and classes of very different sizes."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from headstart.core.config import Config
from headstart.core.learning import Ints
from headstart.core.plugins import Plugin
from headstart.data.fitness import EACH_DIFFERENT
from headstart.inspection.checks.wording import counted, verb
from headstart.inspection.examined import Examined
from headstart.inspection.finding import Finding, Suspect


class SmallClassesConfig(Config):
    """How many examples are few."""

    few: int = Field(
        10,
        ge=1,
        description="Fewer examples than this are few: two per fold, and of ten right answers the 95 % interval "
        "still begins at 69 %.",
    )
    too_few: int = Field(
        5, ge=1, description="Fewer cannot be judged: with five folds some hold no example of the class."
    )
    imbalance: float = Field(
        10,
        gt=1,
        description="Largest over smallest class from which on balancing is worth a thought: a class of less than a "
        "tenth is hardly noticed in the share of right answers.",
    )
    all_different: float = Field(
        EACH_DIFFERENT,
        gt=0,
        le=1,
        description="Classes per example from which on the targets are names of the examples: the same share as for "
        "columns of identifiers.",
    )


class SmallClasses:
    """Counts the learned examples of every class or label; nothing to do for numbers."""

    def __init__(self, config: SmallClassesConfig) -> None:
        self.config = config

    def check(self, examined: Examined) -> list[Finding]:
        """Targets that are all different, few examples, unequal sizes."""
        if examined.targets.kind == "real":
            return []
        sizes, learned = _sizes(examined), len(examined.rows)
        present = int((sizes > 0).sum())
        if examined.targets.kind != "multilabel" and present >= max(2, self.config.all_different * learned):
            return [_all_different(present, learned)]
        return [*self._few(examined, sizes), *self._imbalance(examined, sizes)]

    def _few(self, examined: Examined, sizes: Ints) -> list[Finding]:
        small = [int(k) for k in np.argsort(sizes, kind="stable") if 0 < sizes[k] < self.config.few]
        if not small:
            return []
        names = examined.task.class_names
        counts = {names[k]: int(sizes[k]) for k in small}
        unjudged = [k for k in small if sizes[k] < self.config.too_few]
        shown = ", ".join(f"{name!r} {count}" for name, count in list(counts.items())[:5])
        more = f" and {len(small) - 5} more" if len(small) > 5 else ""
        noun = _noun(examined)
        how = f", and {len(unjudged)} of them fewer than {self.config.too_few} and cannot be judged" if unjudged else ""
        return [
            Finding(
                id="small_classes",
                severity="warning" if unjudged else "hint",
                what=f"{counted(len(small), *noun)} {verb(len(small), 'has', 'have')} fewer than {self.config.few} "
                f"examples to learn from{how}: {shown}{more}.",
                action=f"Add examples of {verb(len(small), 'it', 'them')}, or join what need not be told apart.",
                evidence={"counts": counts, "classes": int((sizes > 0).sum())},
                suspects=_suspects(examined, small, sizes),
            )
        ]

    def _imbalance(self, examined: Examined, sizes: Ints) -> list[Finding]:
        there = np.flatnonzero(sizes > 0)
        if examined.targets.kind == "multilabel" or len(there) < 2:
            return []
        largest, smallest = int(there[sizes[there].argmax()]), int(there[sizes[there].argmin()])
        ratio = float(sizes[largest] / sizes[smallest])
        if ratio <= self.config.imbalance:
            return []
        names = examined.task.class_names
        return [
            Finding(
                id="small_classes/imbalance",
                severity="hint",
                what=f"The largest class {names[largest]!r} has {counted(int(sizes[largest]), 'example')}, "
                f"{ratio:.0f} times as many as the smallest, {names[smallest]!r} ({sizes[smallest]:,}).",
                action="If rare classes matter as much as common ones, use --balance decision and look at macro-F1.",
                evidence={"largest": int(sizes[largest]), "smallest": int(sizes[smallest]), "ratio": ratio},
            )
        ]


def _sizes(examined: Examined) -> Ints:
    values = examined.targets.values
    if examined.targets.kind == "multilabel":
        return np.asarray((values > 0).sum(axis=0), np.int64)
    return np.bincount(values, minlength=examined.targets.width)


def _noun(examined: Examined) -> tuple[str, str]:
    nouns = {"ordinal": ("grade", "grades"), "multilabel": ("label", "labels")}
    return nouns.get(examined.targets.kind, ("class", "classes"))


def _suspects(examined: Examined, small: list[int], sizes: Ints) -> tuple[Suspect, ...]:
    values, names, ids = examined.targets.values, examined.task.class_names, examined.learned.ids
    suspects = []
    for k in small:
        of_class = values[:, k] > 0 if examined.targets.kind == "multilabel" else values == k
        why = "the only example" if sizes[k] == 1 else f"one of {sizes[k]} examples"
        suspects += [
            Suspect(int(examined.rows[row]), ids[row], why, names[k]) for row in np.flatnonzero(of_class).tolist()
        ]
    return tuple(suspects)


def _all_different(classes: int, learned: int) -> Finding:
    return Finding(
        id="small_classes/all_different",
        severity="severe",
        what=f"{counted(learned, 'example')} {verb(learned, 'has', 'have')} {classes:,} different targets, so there is "
        "nothing that examples of one class have in common.",
        action="Name the column of the classes with --target, or --task regression where the targets are measurements.",
        evidence={"classes": classes, "learned": learned},
    )


PLUGIN = Plugin(build=SmallClasses, config=SmallClassesConfig)
