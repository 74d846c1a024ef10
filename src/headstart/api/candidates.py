"""The candidates of a run, solved on the same rows and folds: the probe, and what it is held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from headstart.core import plugins
from headstart.core.errors import ConfigError, choice_message
from headstart.core.learning import Floats, SolveMethod, Targets
from headstart.core.seeding import generator
from headstart.evidence.contender import Contender

if TYPE_CHECKING:
    from headstart.api.features import Features
    from headstart.api.networks import Networks
    from headstart.data.dataset import Dataset, LabeledDataset
    from headstart.engine.activations.address import Space
    from headstart.engine.activations.store import Store

DEFAULT_METHOD = "linear_probe"
FOLDS = 5
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Learning:
    """What every candidate is given: rows of the training part, and the test inputs without their targets.

    Attributes:
        train, test: The two parts.
        targets: Of the training part.
        folds: ``(N,)`` fold numbers.
        weights: ``(N,)`` or None.
        store: Where features are read from.
        features: Their addresses.
        seed: Of the run.
    """

    train: LabeledDataset
    test: Dataset
    targets: Targets
    folds: NDArray[np.int64]
    weights: Floats | None
    store: Store
    features: Features
    seed: int

    def read(self, space: Space, part: Literal["train", "test"], rows: Rows | None = None) -> Floats:
        """Features of one part, ``(n, D)``."""
        keys = (self.train if part == "train" else self.test).keys
        return self.store.read(space, keys if rows is None else keys[rows])


def method_named(options: Mapping[str, Any]) -> tuple[str, SolveMethod]:
    """The method of a request and its name; "auto" is the linear probe."""
    name = DEFAULT_METHOD if options["name"] == "auto" else str(options["name"])
    plugin = plugins.load("methods", name)
    if "examples" in plugin.needs:
        shippable = [
            other for other in plugins.names("methods") if "examples" not in plugins.load("methods", other).needs
        ]
        raise ConfigError(
            f"{name} keeps the features of every training example, and a bundle holds none. "
            + choice_message("method", name, shippable)
        )
    rest = {key: value for key, value in options.items() if key != "name"}
    method: SolveMethod = plugin.build(plugin.config.parse(rest, f"method {name}"))
    return name, method


def default_method(name: str) -> SolveMethod:
    """A method with its defaults."""
    plugin = plugins.load("methods", name)
    method: SolveMethod = plugin.build(plugin.config())
    return method


def solve_candidates(learning: Learning, networks: Networks, method_name: str, method: SolveMethod) -> list[Contender]:
    """All contenders, the preferred one first."""
    model = networks.title
    features = learning.features
    train, test = learning.read(features.backbone, "train"), learning.read(features.backbone, "test")
    contenders = [
        _solve(
            learning, method, train, test, name=method_name, candidate=f"{model} + {method_name}", kind="transfer",
            what="A linear model on the features of the pretrained network, which stays as it is.", can_ship=True,
        ),
        _solve(
            learning, default_method("knn"), train, test, name="knn", candidate=f"{model} + knn", kind="transfer",
            what="The classes of the most similar training pictures, by the same features.", can_ship=False,
        ),
    ]  # fmt: skip
    del train, test
    contenders.append(_twin(learning, model))
    contenders += _without_network(learning, networks)
    return contenders


def _without_network(learning: Learning, networks: Networks) -> list[Contender]:
    pixels = networks.pixels
    raw = learning.read(learning.features.pixels, "train")
    arrays = pixels.fit(raw)
    train = pixels.transform(arrays, raw)
    test = pixels.transform(arrays, learning.read(learning.features.pixels, "test"))
    return [
        _solve(
            learning, default_method("linear_probe"), train, test, name=pixels.name,
            candidate=f"{pixels.name} + linear_probe", kind="baseline",
            what="A linear model on colours and edges of the pictures, without any network.", can_ship=True,
        ),
        _solve(
            learning, default_method("majority_class"), train, test, name="majority_class",
            candidate=f"{pixels.name} + majority_class", kind="baseline",
            what="Always the most frequent class.", can_ship=True,
        ),
    ]  # fmt: skip


def _twin(learning: Learning, model: str) -> Contender:
    """The same network with random weights, on the examples whose features are kept."""
    from headstart.api.features import TWIN_TRAIN, kept_rows

    train_rows = kept_rows(learning.features, learning.train.keys, learning.targets.values, TWIN_TRAIN)
    test_rows = kept_rows(learning.features, learning.test.keys)
    space = learning.features.twin
    solution = default_method("linear_probe").fit(
        learning.read(space, "train", train_rows),
        learning.targets.take(train_rows),
        _compact(learning.folds[train_rows]),
        generator(learning.seed, "random_weights"),
        None if learning.weights is None else learning.weights[train_rows],
    )
    logits = default_method("linear_probe").predict(solution.fitted, learning.read(space, "test", test_rows))
    return Contender(
        name="random_weights",
        candidate=f"{model} with random weights + linear_probe",
        kind="ablation",
        what=f"The same network without its pretraining, learning from {len(train_rows)} pictures.",
        can_ship=False,
        n_train=len(train_rows),
        solution=solution,
        test_rows=test_rows,
        test_logits=logits,
    )


def _compact(folds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Fold numbers of a subset without gaps, since a fold may have lost all its rows."""
    used = np.unique(folds[folds >= 0])
    return np.where(folds >= 0, np.searchsorted(used, folds), folds)


def _solve(
    learning: Learning,
    method: SolveMethod,
    train: Floats,
    test: Floats,
    *,
    name: str,
    candidate: str,
    kind: Literal["transfer", "baseline"],
    what: str,
    can_ship: bool,
) -> Contender:
    solution = method.fit(train, learning.targets, learning.folds, generator(learning.seed, name), learning.weights)
    return Contender(
        name=name,
        candidate=candidate,
        kind=kind,
        what=what,
        can_ship=can_ship,
        n_train=len(train),
        solution=solution,
        test_rows=np.arange(len(test)),
        test_logits=method.predict(solution.fitted, test),
    )
