from dataclasses import replace

import numpy as np
import pytest

from headstart.adaptation.domains import Domains, Labeled, Unlabeled
from headstart.adaptation.shift.kind import shift_between
from headstart.core.learning import Fitted, Targets

CENTRES = np.array([[0.0, 0, 0, 0], [6.0, 0, 0, 0], [0.0, 6, 0, 0]])
NAMES = ("a", "b", "c")


def drawn(rng, shares, n, moved=0.0):
    classes = rng.choice(len(shares), n, p=shares)
    return CENTRES[classes] + rng.normal(size=(n, 4)) + moved, classes


def outputs(features):
    return -((features[:, None] - CENTRES) ** 2).sum(axis=2) / 2


def domains(features, rng, n=300):
    ours, classes = drawn(rng, [1 / 3] * 3, n)
    targets = Targets(classes.astype(np.int64), "class", 3)
    return Domains(
        Labeled(ours, targets, np.arange(n), np.ones(n, bool)), Unlabeled(features), outputs(features), outputs(ours),
        targets, Fitted({}, {"method": "none"}),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_each_kind_is_told(seed):
    rng = np.random.default_rng(seed)
    other_shares = domains(drawn(rng, [0.8, 0.1, 0.1], 300)[0], rng)
    other_looks = domains(drawn(rng, [1 / 3] * 3, 300, moved=np.array([0, 0, 0, 2.5]))[0], rng)
    with_new = np.concatenate([drawn(rng, [1 / 3] * 3, 250)[0], rng.normal(size=(50, 4)) + [0, 0, 0, 12]])
    found = [shift_between(each, NAMES, seed) for each in (other_shares, other_looks, domains(with_new, rng))]
    assert [each.kind for each in found] == ["label", "covariate", "part"]
    assert len(found[2].apart) >= 45 and (found[2].apart >= 250).mean() > 0.8
    assert found[0].shares[0]["differs"] and abs(found[0].shares[0]["now"] - 0.8) < 0.1
    assert found[1].strength in ("clear", "strong")


def test_one_domain_is_found_to_be_one_but_for_the_false_alarms_of_a_level_of_5_percent():
    found = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        found.append(shift_between(domains(drawn(rng, [1 / 3] * 3, 200)[0], rng, 200), NAMES, seed).kind)
    assert found.count("none") >= 10  # two tests of 5 % each: three alarms in 12 come in fewer than 2 of 100 cases


def test_accuracy_is_estimated_below_the_held_out_one_where_classes_run_into_each_other():
    rng = np.random.default_rng(0)
    between, _ = drawn(rng, [1 / 3] * 3, 300)
    squeezed = between * 0.3 + CENTRES.mean(axis=0) * 0.7
    accuracy = shift_between(domains(squeezed, rng), NAMES, 0).accuracy
    assert accuracy["confidence"]["value"] < accuracy["held_out"]["value"] - 0.02


def test_few_held_out_rows_tell_nothing_of_classes():
    rng = np.random.default_rng(0)
    given = domains(drawn(rng, [1 / 3] * 3, 60)[0], rng)
    few = replace(given, held_out=given.held_out[:5], held_out_targets=given.held_out_targets.take(np.arange(5)))
    found = shift_between(few, NAMES, 0)
    assert found.shares == [] and "5 held-out examples" in found.why_no_shares
