from dataclasses import replace

import numpy as np
import pytest

from adaptation.helpers_adaptation import SOLVER, accuracy, shifted
from headstart.adaptation.contract import ADAPTERS, CONTINUOUS, DENSE, LINEAR, ORDERED, SEVERAL, SOURCE, VALIDATORS
from headstart.adaptation.trying import SOURCE_ONLY, parts_of, tried, tried_without_source, usable
from headstart.core import plugins

NAMES = plugins.names(ADAPTERS)


@pytest.fixture(scope="module")
def moved():
    return shifted("moved", rows=120)


@pytest.fixture(scope="module")
def parts(moved):
    return parts_of(moved[0], SOLVER, 0)


def test_all_that_is_lacking_is_said_in_a_clause(moved):
    domains, _ = moved
    several = replace(domains, source=replace(domains.source, origin=np.arange(120) % 3), path=(domains.target,))
    assert usable(NAMES, several, continuous=True, linear=True) == (NAMES, {})
    _, left_out = usable(NAMES, domains, continuous=True, linear=True)
    assert left_out and all("--sources" in why or "--order" in why for why in left_out.values())
    found, left_out = usable(NAMES, replace(domains, source=None), continuous=False, linear=False)
    needs = {name: plugins.load(ADAPTERS, name).needs for name in NAMES}
    assert found == [name for name in NAMES if not needs[name] & {SOURCE, CONTINUOUS, LINEAR, ORDERED, SEVERAL}]
    assert "confident_rows" in found
    assert all(left_out[name].startswith("it needs ") for name in NAMES if name not in found)
    assert DENSE in needs["coral"] and "data that the run learned from" in left_out["coral"]


def test_a_fifth_of_the_source_rows_is_held_out_with_their_groups(moved):
    domains, _ = moved
    groups = np.arange(120) // 4
    whole = parts_of(replace(domains, source=replace(domains.source, groups=groups)), SOLVER, 0)
    learned = whole.domains.source
    assert len(whole.held) + len(learned) == 120 and 20 <= len(whole.held) <= 28
    assert not set(whole.held.groups) & set(learned.groups)


def test_rows_that_taught_the_features_are_never_held_out(moved):
    domains, _ = moved
    fresh = np.arange(120) < 40
    few = parts_of(replace(domains, source=replace(domains.source, fresh=fresh)), SOLVER, 0)
    assert sorted(few.held.groups) == list(range(40))
    many = parts_of(replace(domains, source=replace(domains.source, fresh=~fresh)), SOLVER, 0)
    assert many.held.groups.min() >= 40 and len(many.held) < 40


def test_the_model_as_it_is_comes_first_and_every_way_is_judged_by_every_validator(moved, parts):
    told = []
    names = ["coral", "class_means", "prior_bbse"]
    found, failed = tried(parts, names, told.append)
    assert [each.name for each in found] == [SOURCE_ONLY, *names] and told == names and not failed
    truth = moved[1]
    for each in found:
        assert set(each.values) == set(plugins.names(VALIDATORS)) and each.outputs.shape == (120, 3)
        np.testing.assert_allclose(each.predict(parts.domains.target.features), each.outputs, atol=1e-6)
    assert accuracy(found[1].outputs, truth) > accuracy(found[0].outputs, truth) + 0.04


def test_a_way_that_cannot_be_is_reported_and_the_others_go_on(moved):
    domains, _ = moved
    few = replace(domains, target=domains.target.take(np.arange(6)), start=domains.start[:6])
    found, failed = tried(parts_of(few, SOLVER, 0), ["coral", "standardisation"], lambda name: None)
    assert [each.name for each in found] == [SOURCE_ONLY, "standardisation"]
    assert failed["coral"].startswith("it needs at least 10 examples of the target")


def test_without_source_rows_nothing_is_judged(moved):
    domains, truth = moved
    found, failed = tried_without_source(replace(domains, source=None), SOLVER, ["class_means"], 0)
    assert not failed and [each.values for each in found] == [{}, {}]
    np.testing.assert_array_equal(found[0].outputs, domains.start)
    assert accuracy(found[1].outputs, truth) > accuracy(found[0].outputs, truth) + 0.04
