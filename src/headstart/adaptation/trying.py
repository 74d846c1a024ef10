"""Every adapter on a part of the source rows, its head judged by every validator on the rest and on the target."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.adaptation.contract import (
    ADAPTERS,
    CONTINUOUS,
    DENSE,
    LINEAR,
    ORDERED,
    SEVERAL,
    SOURCE,
    VALIDATORS,
    Adapted,
    RowsMap,
    Solver,
    View,
)
from headstart.adaptation.density import density_odds
from headstart.adaptation.domains import Domains, Labeled, Unlabeled
from headstart.adaptation.label_sets.present import among_present, for_all
from headstart.adaptation.space import Space
from headstart.core import plugins
from headstart.core.errors import HeadstartError
from headstart.core.learning import Floats, Ints, Targets
from headstart.core.seeding import generator
from headstart.evaluation.parting import parted
from headstart.postprocessing.choosing import HeldOut, choose_calibration
from headstart.postprocessing.postprocessing import Postprocessing

logger = logging.getLogger(__name__)
SOURCE_ONLY = "source_only"
Predict = Callable[[Any], Floats]
HELD_PARTS = 5  # one part of so many is held out
MOSTLY = 0.5  # share of rows that taught the features nothing, below which all of them are held out
MOST_BACK = 600  # target rows that teach a head for the way back


@dataclass(frozen=True)
class Tried:
    """One adapter, or the model as it is.

    Attributes:
        name: Of the plugin, or SOURCE_ONLY.
        outputs: ``(m, K)`` calibrated, of the target rows.
        values: By name of the validator; NaN where it says nothing.
        seconds: Adapting and judging took.
        predict: From features ``(n, D)`` of the target domain to calibrated outputs ``(n, K)``.
        report: The adapter's own.
        carry: Where the head expects source rows; None: where they are.
        is_beyond: Source rows say nothing of it: it has no values, and labels alone may judge it.
    """

    name: str
    outputs: Floats
    values: Mapping[str, float]
    seconds: float
    predict: Predict
    report: Mapping[str, Any] = field(default_factory=dict)
    carry: RowsMap | None = None
    is_beyond: bool = False


@dataclass(frozen=True)
class Parts:
    """Source rows in two parts, with what validators need of both domains."""

    domains: Domains  # with the learned part alone
    held: Labeled
    ratio: Floats
    space: Space
    solver: Solver
    seed: int
    validators: tuple[str, ...]


def usable(
    names: Iterable[str], domains: Domains, *, continuous: bool, linear: bool
) -> tuple[list[str], dict[str, str]]:
    """Adapters that these domains allow, and why not the others, a clause each."""
    has = {
        SOURCE: domains.source is not None, DENSE: domains.is_dense, CONTINUOUS: continuous, LINEAR: linear,
        SEVERAL: domains.is_several, ORDERED: domains.is_ordered,
    }  # fmt: skip
    why = {
        SOURCE: "it needs the data that the run learned from, and they are not there",
        DENSE: "it needs features without missing values that are not sparse counts of words",
        CONTINUOUS: "it needs features of a network; columns of a table have codes of categories among them",
        LINEAR: "it needs a linear head",
        SEVERAL: "it needs several source domains, named by a column with --sources",
        ORDERED: "it needs an order of the new examples, named by a column with --order",
    }
    found: list[str] = []
    left_out: dict[str, str] = {}
    for name in names:
        lacking = [need for need in why if need in plugins.load(ADAPTERS, name).needs and not has[need]]
        if lacking:
            left_out[name] = why[lacking[0]]
        else:
            found.append(name)
    return found, left_out


def held_out_rows(source: Labeled, seed: int) -> NDArray[np.bool_]:
    """``(n,)``: a fifth of the source rows, of those that the features did not learn from."""
    fresh = np.flatnonzero(source.fresh)
    held = np.zeros(len(source), bool)
    if len(fresh) < MOSTLY * len(source):  # the rest taught the network: on it every head looks right
        held[fresh] = True
    else:
        rng = generator(seed, "adaptation held out")
        held[fresh[parted(source.targets.values[fresh], source.groups[fresh], HELD_PARTS, rng) == 0]] = True
    return held


def parts_of(domains: Domains, solver: Solver, seed: int, validators: Sequence[str] | None = None) -> Parts:
    """Source rows in two parts, see :func:`held_out_rows`; heads are judged by ``validators``, None: by all."""
    source = domains.source
    assert source is not None  # noqa: S101 - asked where there is a source
    held = held_out_rows(source, seed)
    part, rest = source.take(held), domains.learning_from(~held)
    assert rest.source is not None  # noqa: S101 - it was just taken
    ratio: Floats = np.ones(int(held.sum()))
    if domains.is_dense:
        ratio = density_odds(rest.source.features, domains.target.features, part.features)
    space = Space.of(domains.target.features, rest.source, generator(seed, "adaptation compared"))
    judges = tuple(plugins.names(VALIDATORS) if validators is None else validators)
    return Parts(rest, part, ratio, space, solver, seed, judges)


def tried(parts: Parts, names: Iterable[str], tell: Callable[[str], None]) -> tuple[list[Tried], dict[str, str]]:
    """The model as it is first, then every adapter that did not fail, and why the others did."""
    found, failed = [_judged(parts, SOURCE_ONLY, None)], dict[str, str]()
    for name in names:
        tell(name)
        try:
            found.append(_judged(parts, name, found[0].outputs))
        except (HeadstartError, np.linalg.LinAlgError, FloatingPointError) as error:
            failed[name] = str(error) or type(error).__name__
            logger.info("adapter %s failed: %s", name, error)
    return found, failed


def tried_elsewhere(parts: Parts, target: Any, name: str, base: Tried) -> Tried:
    """The head of the model as it is, on target rows that a changed network sees otherwise; the source stays.

    Args:
        parts: Source rows in two parts.
        target: ``(m, D)`` the target rows as that network gives them.
        name: Of the way.
        base: The model as it is.
    """
    source = parts.domains.source
    assert source is not None  # noqa: S101 - parts were made of it
    ratio = density_odds(source.features, target, parts.held.features) if parts.domains.is_dense else parts.ratio
    space = Space.of(target, source, generator(parts.seed, "adaptation compared"))
    domains = replace(parts.domains, target=Unlabeled(target))
    other = replace(parts, domains=domains, ratio=ratio, space=space)
    return replace(_judged(other, SOURCE_ONLY, base.outputs), name=name)


def also_judged(parts: Parts, base: Tried, validators: Sequence[str]) -> Tried:
    """The model as it is with what further validators say of it, which the ways were not asked about."""
    missing = tuple(name for name in validators if name not in base.values)
    if not missing:
        return base
    judged = _judged(replace(parts, validators=missing), SOURCE_ONLY, None)
    return replace(base, values={**base.values, **judged.values}, seconds=base.seconds + judged.seconds)


def tried_without_source(
    domains: Domains, solver: Solver, names: Iterable[str], seed: int
) -> tuple[list[Tried], dict[str, str]]:
    """As :func:`tried`, where no source row can be held out: nothing is judged, nothing is calibrated."""
    found, failed = (
        [Tried(SOURCE_ONLY, domains.start, {}, 0.0, partial(solver.outputs, domains.head))],
        dict[str, str](),
    )
    for name in names:
        began = time.perf_counter()
        try:
            adapted = adapted_by(name, domains, solver, seed)
        except (HeadstartError, np.linalg.LinAlgError) as error:
            failed[name] = str(error) or type(error).__name__
            continue
        found.append(_unjudged(name, adapted, domains, solver, began))
    return found, failed


def _unjudged(name: str, adapted: Adapted, domains: Domains, solver: Solver, began: float) -> Tried:
    """A head that no held-out source row calibrates."""
    predict = partial(outputs_of, adapted, solver, domains)
    outputs, seconds = predict(domains.target.features), time.perf_counter() - began
    return Tried(name, outputs, {}, seconds, predict, adapted.report, is_beyond=adapted.is_beyond)


def _judged(parts: Parts, name: str, start: Floats | None) -> Tried:
    began = time.perf_counter()
    adapted = adapted_by(name, parts.domains, parts.solver, parts.seed)
    if adapted.is_beyond:
        return _unjudged(name, adapted, parts.domains, parts.solver, began)
    carried = adapted.carried(parts.held)
    held, predict = _calibrated(parts, adapted, carried)
    outputs = predict(parts.domains.target.features)
    source, target = parts.domains.source, parts.domains.target.features
    assert source is not None  # noqa: S101 - parts were made of it
    view = View(
        learned=source, held=parts.held, carried=carried, held_outputs=held, target=target, outputs=outputs,
        shift=adapted.shift, start=outputs if start is None else start, ratio=parts.ratio,
        carry=adapted.carried if adapted.is_moving else None, space=parts.space,
        again=lambda pseudo: _again(parts, name, pseudo),
    )  # fmt: skip
    values = {}
    for validator in parts.validators:
        plugin = plugins.load(VALIDATORS, validator)
        rng = generator(parts.seed, "validator", validator)
        values[validator] = float(plugin.build(plugin.config()).estimate(view, rng))
    return Tried(name, outputs, values, time.perf_counter() - began, predict, adapted.report, view.carry)


def adapted_by(name: str, domains: Domains, solver: Solver, seed: int) -> Adapted:
    """A head by one adapter; by SOURCE_ONLY one that was solved on the source rows as they are."""
    if domains.present is not None:
        return for_all(adapted_by(name, among_present(domains), solver, seed), domains.present)
    if name == SOURCE_ONLY:
        assert domains.source is not None  # noqa: S101 - asked where there is a source
        return Adapted(solver.fit(domains.source.features, domains.source.targets))
    plugin = plugins.load(ADAPTERS, name)
    found: Adapted = plugin.build(plugin.config()).adapt(domains, solver, generator(seed, "adapter", name))
    return found


def outputs_of(adapted: Adapted, solver: Solver, domains: Domains, features: Any) -> Floats:
    """``(n, K)`` of a head before it is calibrated; of one that only shifts, the run's own head."""
    return solver.outputs(adapted.fitted or domains.head, features)


def _calibrated(parts: Parts, adapted: Adapted, carried: Any) -> tuple[Floats, Predict]:
    """Outputs of held-out source rows, and what gives those of target rows, by a calibration learned on the former."""
    targets, solver = parts.held.targets, parts.solver
    if adapted.fitted is None:  # the head as it is: solved on the same rows as its rivals
        held, base = _calibrated(parts, adapted_by(SOURCE_ONLY, parts.domains, solver, parts.seed), carried)
    else:
        fitted = adapted.fitted
        chosen = choose_calibration(
            HeldOut(targets, solver.outputs(fitted, carried), parts.held.groups, "apart"),
            generator(parts.seed, "calibration"),
        )
        post, held = Postprocessing.of_calibrator(chosen.name, chosen.arrays), chosen.outputs

        def base(features: Any) -> Floats:
            return post.outputs(solver.outputs(fitted, features), targets.kind)

    if adapted.shift is None:
        return held, base
    shift = adapted.shift
    return held, lambda features: base(features) + shift  # the source has the shares it had


def _again(parts: Parts, name: str, pseudo: Ints) -> Floats:
    """The adapter from the target, labelled by itself, back to the held-out source rows."""
    source, target = parts.domains.source, parts.domains.target
    assert source is not None  # noqa: S101 - parts were made of it
    if len(pseudo) > MOST_BACK:
        some = generator(parts.seed, "adaptation back").choice(len(pseudo), MOST_BACK, replace=False)
        target, pseudo = target.take(some), pseudo[some]
    targets = Targets(pseudo, source.targets.kind, source.targets.width)
    back = parts.solver.fit(target.features, targets)
    if name == SOURCE_ONLY:
        return parts.solver.outputs(back, parts.held.features)
    labeled = Labeled(target.features, targets, np.arange(len(pseudo)), np.ones(len(pseudo), bool))
    reverse = replace(
        parts.domains,
        source=labeled,
        target=Unlabeled(parts.held.features),
        start=parts.solver.outputs(back, parts.held.features),
        held_out=parts.solver.outputs(back, target.features),
        held_out_targets=labeled.targets,
        head=back,
    )
    adapted = adapted_by(name, reverse, parts.solver, parts.seed)
    outputs = outputs_of(adapted, parts.solver, reverse, parts.held.features)
    return outputs if adapted.shift is None else outputs + adapted.shift
