"""A reference of made rows: three classes, ten features, a fact, two columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headstart.core.learning import Targets
from headstart.core.table import Column, Table
from headstart.evaluation.out_of_domain.gaussian import fit_clouds
from headstart.evaluation.out_of_domain.mahalanobis import PLUGIN
from headstart.monitoring.learned import HeldOutRows, learned_reference
from headstart.monitoring.readings import along_directions, readings_of
from headstart.monitoring.reference import Reference
from headstart.monitoring.window import Window
from headstart.postprocessing.postprocessing import DOMAIN, Postprocessing
from headstart.tasks.classification import Classification, ClassificationConfig

NAMES = ("ant", "bee", "cat")
TASK = Classification(ClassificationConfig(class_names=NAMES))
D = 10


@dataclass
class Rows:
    """Made examples: features around the mean of their class, outputs that follow from them."""

    features: np.ndarray
    outputs: np.ndarray
    truth: np.ndarray
    facts: dict
    table: Table

    def take(self, rows):
        return Rows(
            self.features[rows], self.outputs[rows], self.truth[rows],
            {name: values[rows] for name, values in self.facts.items()}, self.table.take(rows),
        )  # fmt: skip


def make_rows(n: int, seed: int, shares=(0.5, 0.3, 0.2), shift: float = 0.0, dark: float = 0.0, colour="red") -> Rows:
    """``shift`` moves features, ``dark`` the brightness; ``colour`` is what a quarter of the rows have."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(3, n, p=shares)
    features = rng.standard_normal((n, D)) + 2 * np.eye(3, D)[truth] + shift
    outputs = 2 * features[:, :3] - 2  # log-odds of clouds two apart
    colours = np.where(rng.random(n) < 0.25, colour, "blue").astype(object)
    ages = np.where(rng.random(n) < 0.1, np.nan, rng.uniform(20, 60, n))
    table = Table({"colour": Column("category", colours), "age": Column("number", ages)})
    return Rows(features, outputs, truth, {"brightness": rng.normal(100, 10, n) - dark}, table)


def make_reference(n: int = 600, seed: int = 0) -> Reference:
    rows = make_rows(n, seed)
    clouds = fit_clouds(rows.features, rows.truth, 4)
    strangeness = np.sort(PLUGIN.build(PLUGIN.config()).score(clouds, rows.features))
    domain = {DOMAIN + name: array for name, array in {**clouds, "reference": strangeness}.items()}
    held = HeldOutRows(TASK, rows.outputs, Targets(rows.truth, "class", 3), rows.features, rows.facts, rows.table,
                       (0, n))  # fmt: skip
    found = learned_reference(held, domain, np.random.default_rng(0))
    return Reference.of(Postprocessing(arrays={**domain, **found.arrays()}))


def count(reference: Reference, rows: Rows, begin: float = 0.0) -> Window:
    along = along_directions(rows.features, reference.middle, reference.per_spread)
    window = Window.empty(reference, "v1", begin)
    seen = readings_of(TASK, rows.outputs, along, None, rows.facts, rows.table)
    window.add(reference, seen, len(rows.features))
    return window
