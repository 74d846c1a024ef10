"""The candidates of a run: which backbone with which method, decided by what the data hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from headstart.core import plugins
from headstart.core.errors import ConfigError, choice_message
from headstart.core.learning import SolveMethod, TargetKind
from headstart.features.descriptors import FITTED, build_fitted, fitted_backbones
from headstart.features.sources import FittedSource, PretrainedSource, Source
from headstart.methods.blend import Blend, BlendConfig

if TYPE_CHECKING:
    from headstart.data.dataset import Dataset
    from headstart.engine.activations.store import Store
    from headstart.features.compute import Features
    from headstart.features.networks import Networks

METHODS = "methods"
DEFAULT_METHOD = "linear_probe"
TABLE = "table"
COLUMNS, RAW_COLUMNS, BOOSTING, BLEND = "columns", "raw_columns", "boosting", "blend"
CONSTANTS = {"real": "mean_target"}  # what always predicts the same, by kind of target ...
CONSTANT = "majority_class"  # ... and for all other kinds


@dataclass(frozen=True)
class Candidate:
    """A backbone (or several, side by side) and a method.

    Attributes:
        name: In ``comparisons`` and ``verdict.chosen``.
        sources: Of its features.
        kind: "transfer" uses pretrained weights, "baseline" none, "ablation" the same network without them.
        what: One plain sentence for people who train no models.
        can_ship: Whether the guard may choose it.
        blends: Names of the linear candidate and the trees that it is the mean of, solved beside it; None: its method
            solves all of it.
    """

    name: str
    sources: tuple[Source, ...]
    method_name: str
    method: SolveMethod
    kind: Literal["transfer", "ablation", "baseline"]
    what: str
    can_ship: bool
    blends: tuple[str, str] | None = None

    @property
    def title(self) -> str:
        """Backbone + method, in words."""
        return " + ".join([*dict.fromkeys(source.name for source in self.sources), self.method_name])


def method_named(options: Mapping[str, Any]) -> tuple[str, SolveMethod]:
    """The method of a request and its name; "auto" is the linear probe."""
    name = DEFAULT_METHOD if options["name"] == "auto" else str(options["name"])
    plugin = plugins.load(METHODS, name)
    if "examples" in plugin.needs:
        shippable = [other for other in plugins.names(METHODS) if "examples" not in plugins.load(METHODS, other).needs]
        raise ConfigError(
            f"{name} keeps the features of every training example, and a bundle holds none. "
            + choice_message("method", name, shippable)
        )
    rest = {key: value for key, value in options.items() if key != "name"}
    method: SolveMethod = plugin.build(plugin.config.parse(rest, f"method {name}"))
    return name, method


def default_method(name: str) -> SolveMethod:
    """A method with its defaults."""
    plugin = plugins.load(METHODS, name)
    method: SolveMethod = plugin.build(plugin.config())
    return method


def require_suited(name: str, kind: TargetKind) -> None:
    """Raise ConfigError when a method does not solve for this kind of target."""
    if not solves(name, kind):
        suited = [other for other in plugins.names(METHODS) if solves(other, kind)]
        raise ConfigError(f"{name} does not solve for targets of kind {kind!r}; these do: {suited}. Name one of them.")


def solves(method: str, kind: TargetKind) -> bool:
    """Whether a method takes this kind of target."""
    return kind in plugins.load(METHODS, method).targets


@dataclass(frozen=True)
class Ingredients:
    """What candidates are put together from.

    Attributes:
        train: Fitted backbones learn from these inputs, never from targets.
        kind: Of the targets.
    """

    networks: Networks
    features: Features
    store: Store
    train: Dataset
    kind: TargetKind


def candidates_of(given: Ingredients, method_name: str, method: SolveMethod) -> list[Candidate]:
    """All candidates of a data set, the preferred one first."""
    require_suited(method_name, given.kind)
    is_table = given.train.modality == TABLE
    found = (_of_table if is_table else _of_one_input)(given, method_name, method)
    constant = CONSTANTS.get(given.kind, CONSTANT)
    what = "Always the mean." if given.kind == "real" else "Always the most frequent answer."
    if method_name != constant:
        sources = _constant_sources(given, found)
        found.append(Candidate(constant, sources, constant, default_method(constant), "baseline", what, True))
    return [each for each in found if solves(each.method_name, given.kind)]


def _of_one_input(given: Ingredients, method_name: str, method: SolveMethod) -> list[Candidate]:
    (network,) = _pretrained(given)
    nouns = network.network.modality.plural
    modality = network.network.card.modality
    what = "A linear model on the features of the pretrained network, which stays as it is."
    if method_name != DEFAULT_METHOD:
        what = f"{method_name} on the features of the pretrained network, which stays as it is."
    nearest = f"The answers of the most similar training {nouns}, by the same features."
    return [
        Candidate(method_name, (network,), method_name, method, "transfer", what, True),
        Candidate("knn", (network,), "knn", default_method("knn"), "transfer", nearest, False),
        *(_baseline(given, name, 0) for name in fitted_backbones(modality)),
    ]


def _of_table(given: Ingredients, method_name: str, method: SolveMethod) -> list[Candidate]:
    networks = _pretrained(given)
    has_columns = bool(given.train.table.columns)
    found: list[Candidate] = []
    if has_columns:
        found = _with_columns(given, networks, method_name, method)
    elif networks:
        what = "A linear model on the features of the pretrained network."
        found.append(Candidate(method_name, tuple(networks), method_name, method, "transfer", what, True))
    for numbers in _belonging_together(given.train):
        modality = given.train.parts[numbers[0]].modality
        found += [_baseline(given, name, *numbers) for name in fitted_backbones(modality)]
    return found


def _with_columns(
    given: Ingredients, networks: Sequence[PretrainedSource], method_name: str, method: SolveMethod
) -> list[Candidate]:
    """Linear models, trees and what averages the two; what the request names comes first."""
    if isinstance(method, Blend):
        parts = method.parts()
        found = _linear_and_trees(given, networks, DEFAULT_METHOD, parts["linear"], parts["trees"])
        blends = _blends(found, method)
        return [blends[0], *(each for each in _in_order(found, blends) if each is not blends[0])]
    found = _linear_and_trees(given, networks, method_name, method, default_method(BOOSTING))
    return _in_order(found, _blends(found, Blend(BlendConfig()))) if method_name == DEFAULT_METHOD else found


def _linear_and_trees(
    given: Ingredients, networks: Sequence[PretrainedSource], method_name: str, method: SolveMethod, trees: SolveMethod
) -> list[Candidate]:
    if not networks:
        return _of_columns(given, method_name, method, trees, is_first=True)
    what = "A linear model on the features of the pretrained network beside the encoded columns."
    sources: tuple[Source, ...] = (_fitted(given, COLUMNS, None), *networks)
    first = Candidate(method_name, sources, method_name, method, "transfer", what, True)
    return [first, *_of_columns(given, method_name, method, trees, is_first=False)]


def _of_columns(
    given: Ingredients, method_name: str, method: SolveMethod, trees: SolveMethod, *, is_first: bool
) -> list[Candidate]:
    """A linear model and boosting on the plain columns; where no network sees the data, the method named is first."""
    encoded = _fitted(given, COLUMNS, None)
    linear = Candidate(
        COLUMNS, (encoded,), DEFAULT_METHOD, default_method(DEFAULT_METHOD), "baseline",
        "A linear model on the columns, numbers scaled and categories as yes or no.", True,
    )  # fmt: skip
    boosted = Candidate(
        BOOSTING, (_fitted(given, RAW_COLUMNS, None),), BOOSTING, trees, "baseline",
        "Many small decision trees on the columns, each correcting those before it.", True,
    )  # fmt: skip
    if not is_first:
        return [linear, boosted if method_name != BOOSTING else replace(boosted, name=f"{BOOSTING}_{COLUMNS}")]
    if method_name == BOOSTING:
        return [replace(boosted, method=method), linear]
    what = linear.what if method_name == DEFAULT_METHOD else f"{method_name} on the columns."
    return [Candidate(method_name, (encoded,), method_name, method, "baseline", what, True), boosted]


def _blends(found: Sequence[Candidate], method: Blend) -> list[Candidate]:
    """The mean of each linear candidate and the trees, the first linear one's first; solved out of theirs."""
    trees = next(each for each in found if each.name == BOOSTING)
    (raw,) = trees.sources
    assert isinstance(raw, FittedSource)  # noqa: S101 - plain columns are described by nothing else
    settings = method.config.model_copy(update={"trees_see": len(raw.code.feature_names(raw.arrays))})
    return [
        Candidate(
            BLEND if number == 0 else f"{BLEND}_{linear.name}", (*linear.sources, raw), BLEND, Blend(settings),
            linear.kind, f"The mean of {linear.name} and {trees.name}, weighted by what suits held-out rows.", True,
            (linear.name, trees.name),
        )
        for number, linear in enumerate(each for each in found if each.method_name == DEFAULT_METHOD)
    ]  # fmt: skip


def _in_order(found: Sequence[Candidate], blends: Sequence[Candidate]) -> list[Candidate]:
    """Those with a pretrained network first, as they are told."""
    return sorted([*found, *blends], key=lambda each: each.kind != "transfer")


def _pretrained(given: Ingredients) -> list[PretrainedSource]:
    parts = given.train.parts
    return [
        PretrainedSource(
            network,
            tuple(number for number, part in enumerate(parts) if part.modality == modality),
            given.features.lanes[modality].space,
            given.store,
        )
        for modality, network in given.networks.items()
    ]


def _belonging_together(dataset: Dataset) -> list[tuple[int, ...]]:
    """Numbers of parts that one baseline describes: a pair, or a part alone."""
    found: list[tuple[int, ...]] = []
    for number in range(len(dataset.parts)):
        if number and dataset.parts[number - 1].schema.paired:
            found[-1] = (number - 1, number)
        else:
            found.append((number,))
    return found


def _baseline(given: Ingredients, name: str, *parts: int) -> Candidate:
    method = plugins.load(FITTED, name).method
    sources = (_fitted(given, name, parts[0]),) if len(parts) == 1 else _fitted_together(given, name, parts)
    summary = plugins.summary(FITTED, name).rstrip(".")
    what = f"{summary}." if "network" in summary else f"{summary}, without any network."
    is_all = len(parts) == len(given.train.parts)
    shown = name if is_all else f"{name}/{given.train.parts[parts[0]].schema.name}"
    return Candidate(shown, sources, method, default_method(method), "baseline", what, True)


def _fitted(given: Ingredients, name: str, part: int | None) -> FittedSource:
    """A fitted backbone that has seen the training inputs."""
    source = _described(given, name, part)
    return replace(source, arrays=source.code.fit(source.raw(given.train)))


def _described(given: Ingredients, name: str, part: int | None) -> FittedSource:
    """A fitted backbone that has learned nothing yet."""
    code = build_fitted(name)
    space = None
    if part is not None and code.takes == "prepared":
        space = given.features.lanes[given.train.parts[part].modality].described.fitted[name]
    return FittedSource(name, code, part, {}, space, given.store)


def _fitted_together(given: Ingredients, name: str, parts: tuple[int, ...]) -> tuple[Source, ...]:
    """One backbone that has seen the inputs of all the parts: what is compared must be described alike."""
    alone = [_described(given, name, part) for part in parts]
    raw = [source.raw(given.train) for source in alone]
    both = np.concatenate(raw) if isinstance(raw[0], np.ndarray) else [each for part in raw for each in part]
    arrays = alone[0].code.fit(both)
    return tuple(replace(source, arrays=arrays) for source in alone)


def _constant_sources(given: Ingredients, found: Sequence[Candidate]) -> tuple[Source, ...]:
    """The cheapest features there are: a constant looks at none of them."""
    baselines = [candidate for candidate in found if candidate.kind == "baseline" and candidate.blends is None]
    dense = [each for each in baselines if "sparse" not in plugins.load(METHODS, each.method_name).needs]
    return (dense or list(found))[0].sources
