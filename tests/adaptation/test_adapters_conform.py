"""Every adapter keeps the contract, found by registry; and what each of them gains on a shift that is made for it."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import numpy as np
import pytest

from adaptation.helpers_adaptation import SOLVER, accuracy, domains_of, drawn, outputs_of, shifted
from headstart.adaptation.adapters.self_training import SelfTraining
from headstart.adaptation.contract import ADAPTERS, CONTINUOUS, DENSE, LINEAR, ORDERED, SEVERAL, SOURCE
from headstart.adaptation.domains import Domains, Unlabeled
from headstart.core import plugins
from headstart.core.config import Config
from headstart.core.errors import DataError
from headstart.core.learning import Targets

NAMES = plugins.names(ADAPTERS)
EVERY = pytest.mark.parametrize("name", NAMES)
NO_HARM = 0.03  # at most so much accuracy is lost where nothing has shifted
# What each one is made for, and by how much it is better there than the model as it is, at least.
GAINS = {
    "aligned_class_means": ("moved", 0.2),
    "class_means": ("moved", 0.1),
    "confident_rows": ("turned", 0.05),
    "coral": ("mixed", 0.05),
    "coral_by_domain": ("shops", 0.2),
    "gradual_self_training": ("turning", 0.9),
    "importance_weighting": ("part", 0.06),
    "label_spreading": ("moved", 0.2),
    "nearest_domains": ("far_shop", 0.2),
    "optimal_transport": ("moved", 0.15),
    "prior_bbse": ("shares", 0.02),
    "prior_em": ("shares", 0.02),
    "self_training": ("moved", 0.15),
    "standardisation": ("moved", 0.2),
    "standardisation_by_domain": ("shops", 0.2),
    "subspace_alignment": ("moved", 0.2),
}


def adapted(name, domains, seed=0):
    plugin = plugins.load(ADAPTERS, name)
    if SOURCE not in plugin.needs:  # it must do without
        domains = replace(domains, source=None)
    return plugin.build(plugin.config()).adapt(domains, SOLVER, np.random.default_rng(seed))


@pytest.fixture(scope="module")
def moved():
    return shifted("moved", rows=120)


@EVERY
def test_needs_are_known_ones(name):
    plugin = plugins.load(ADAPTERS, name)
    assert plugin.needs <= {SOURCE, DENSE, CONTINUOUS, LINEAR, ORDERED, SEVERAL}
    assert plugin.paper and plugin.title


def test_nothing_that_an_adapter_is_given_has_targets_of_the_target_domain():
    assert [field.name for field in dataclasses.fields(Unlabeled)] == ["features"]
    given = {field.name for field in dataclasses.fields(Domains)}
    assert given == {"source", "target", "start", "held_out", "held_out_targets", "head", "present", "path"}
    domains, truth = shifted("none", rows=60)
    arrays = [domains.target.features, domains.start, domains.held_out, domains.source.targets.values]
    arrays += [domains.held_out_targets.values, *domains.head.arrays.values()]
    assert not any(each.shape == truth.shape and np.array_equal(each, truth) for each in arrays)


@EVERY
def test_it_beats_the_model_as_it_is_on_the_shift_that_it_is_made_for(name):
    shift, gain = GAINS[name]
    domains, truth = shifted(shift)
    assert accuracy(outputs_of(adapted(name, domains), domains), truth) >= accuracy(domains.start, truth) + gain


@EVERY
def test_where_nothing_has_shifted_it_does_little_harm(name):
    domains, truth = shifted("none")
    assert accuracy(outputs_of(adapted(name, domains), domains), truth) >= accuracy(domains.start, truth) - NO_HARM


@EVERY
def test_the_same_seed_gives_the_same_bits_and_nothing_given_is_changed(name, moved):
    domains, _ = moved
    arrays = [domains.target.features, domains.source.features, domains.start, domains.held_out]
    before = [each.copy() for each in arrays]
    first, again = (outputs_of(adapted(name, domains), domains) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    for each, was in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(each, was)


@EVERY
def test_the_order_of_the_target_rows_does_not_count(name, moved):
    domains, _ = moved
    order = np.random.default_rng(1).permutation(len(domains.target))
    other = replace(domains, target=domains.target.take(order), start=domains.start[order])
    straight, turned = (outputs_of(adapted(name, each), each) for each in (domains, other))
    # a head is solved to within a tolerance, from sums in another order
    assert (straight[order].argmax(axis=1) == turned.argmax(axis=1)).mean() >= 0.99


@EVERY
def test_carried_rows_are_rows_of_the_same_width(name, moved):
    domains, _ = moved
    found = adapted(name, domains)
    some, one = (domains.source.take(np.arange(count)) for count in (5, 1))
    if found.is_moving:
        carried = found.carried(some)
        assert carried.shape == (5, 8) and np.isfinite(carried).all()
        np.testing.assert_allclose(carried[:1], found.carried(one), rtol=1e-4, atol=1e-4)
    assert (found.fitted is None) <= (found.shift is not None)


def odd(kind):
    rng = np.random.default_rng(0)
    source, classes = drawn(rng, 60)
    target, _ = drawn(rng, 50)
    width = 3
    if kind == "constant columns":
        source[:, 3:5] = 7.0
        target[:, 4:6] = -1.0
    elif kind == "all equal":
        source[:], target[:] = 1.0, 1.0
    elif kind == "duplicates":
        source, classes, target = np.tile(source[:20], (3, 1)), np.tile(classes[:20], 3), np.tile(target[:10], (5, 1))
    elif kind == "five rows":
        target = target[:5]
    elif kind == "a class that is absent":
        source, classes = source[classes != 2], classes[classes != 2]
    elif kind == "huge":
        source, target = source * 1e4, target * 1e4
    elif kind == "more columns than rows":
        source, target = (
            np.pad(each, ((0, 0), (0, 92))) + rng.normal(size=(len(each), 100)) for each in (source, target)
        )
        source, target = source.astype(np.float32), target.astype(np.float32)
    return domains_of(source, classes, target, width)


ODD = ("constant columns", "all equal", "duplicates", "five rows", "a class that is absent", "huge",
       "more columns than rows")  # fmt: skip


@EVERY
@pytest.mark.parametrize("kind", ODD)
def test_odd_data_give_a_finite_head_or_a_clause_that_says_why_not(name, kind):
    domains = odd(kind)
    try:
        outputs = outputs_of(adapted(name, domains), domains)
    except DataError as error:
        assert str(error).startswith(("it needs", "some classes"))
    else:
        assert outputs.shape == domains.start.shape and np.isfinite(outputs).all()


@EVERY
def test_one_source_class_is_refused_with_a_clause_or_gives_a_finite_head(name):
    domains = odd("duplicates")
    alone = Targets(np.zeros(60, np.int64), "class", 3)
    one = replace(domains, source=replace(domains.source, targets=alone))
    try:
        outputs = outputs_of(adapted(name, one), one)
    except DataError as error:
        assert "at least two classes" in str(error)
    else:
        assert np.isfinite(outputs).all()


def test_self_training_takes_sparse_rows():
    from scipy.sparse import csr_array

    domains, truth = shifted("turned", rows=120)
    source, target = csr_array(domains.source.features), csr_array(domains.target.features)
    sparse = replace(domains, source=replace(domains.source, features=source), target=Unlabeled(target))
    seen = []

    class Keeps:
        def fit(self, features, targets, weights=None):
            seen.append(features)
            return SOLVER.fit(features.toarray(), targets, weights)

        def outputs(self, fitted, features):
            return SOLVER.outputs(fitted, features)

    found = SelfTraining(Config()).adapt(sparse, Keeps(), np.random.default_rng(0))
    assert all(each.shape[1] == 8 and each.format == "csr" for each in seen) and len(seen) == 3
    assert accuracy(SOLVER.outputs(found.fitted, target), truth) > 0.85
