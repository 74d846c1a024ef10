"""The map of two domains: principal directions, what may be told from it, and input that is damaged or small."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from headstart.adaptation.feature_map import HeldOut, Looks, feature_map, principal, turned

NAMES = ["a", "b", "c"]


def two_domains(n=60, m=50, width=8, shift=4.0, seed=0):
    rng = np.random.default_rng(seed)
    classes = rng.integers(0, 3, n)
    source = rng.normal(size=(n, width)) + 5 * np.eye(3, width)[classes]
    said = rng.integers(0, 3, m)
    target = rng.normal(size=(m, width)) + 5 * np.eye(3, width)[said] + shift
    return source, target, said, HeldOut(classes, np.arange(n))


def test_directions_are_those_of_a_singular_value_decomposition():
    rng = np.random.default_rng(1)
    for shape in ((9, 5), (5, 9)):  # more rows than columns, and fewer
        rows = rng.normal(size=shape) * np.arange(1, shape[1] + 1)
        standard = (rows - rows.mean(axis=0)) / rows.std(axis=0)
        left, size, _ = np.linalg.svd(standard, full_matrices=False)
        found = principal(rows)
        assert np.allclose(np.abs(found), np.abs(left[:, :2] * size[:2]))
        assert (found[np.abs(found).argmax(axis=0), [0, 1]] > 0).all()


def test_one_column_and_equal_rows_have_a_place():
    assert principal(np.arange(4.0)[:, None])[:, 1].tolist() == [0.0] * 4
    assert (principal(np.ones((5, 3))) == 0).all()


def test_a_turned_and_mirrored_map_is_turned_back():
    points = np.random.default_rng(2).normal(size=(20, 2))
    points -= points.mean(axis=0)
    turn = np.array([[0.6, 0.8], [0.8, -0.6]])
    assert np.allclose(turned(points @ turn, points), points)


def test_moving_the_source_onto_the_target_brings_the_area_down_and_leaves_classes_together():
    source, target, said, held = two_domains()
    before, after = Looks(source, target, said), Looks(source + 4.0, target, said)
    found = feature_map(before, after, held, NAMES, 0, same_space=True)
    assert found["before"]["told_apart"]["auc"] > 0.99 and found["after"]["told_apart"]["auc"] < 0.7
    assert found["before"]["together"] == found["after"]["together"] > 0.9
    assert found["classes"] == NAMES and {k for _, _, k in found["before"]["source"]} == {0, 1, 2}
    where = {when: np.array(found[when]["source"])[:, :2].mean(axis=0) for when in ("before", "after")}
    there = np.array(found["before"]["target"])[:, :2].mean(axis=0)
    assert np.linalg.norm(where["after"] - there) < 0.3 * np.linalg.norm(where["before"] - there)
    assert found == feature_map(before, after, held, NAMES, 0, same_space=True)


def test_of_many_classes_those_have_a_colour_whose_answers_moved():
    rng = np.random.default_rng(3)
    names, held = [f"c{k}" for k in range(100)], HeldOut(np.arange(100), np.arange(100))
    rows, said = rng.normal(size=(100, 4)), np.arange(100) % 50
    moved = np.where(said < 2, 77, said)
    found = feature_map(Looks(rows, rows, said), Looks(rows, rows, moved), held, names, 0, same_space=True)
    assert len(found["classes"]) == 8 and {"c0", "c1", "c77"} <= set(found["classes"])
    assert -1 in {k for _, _, k in found["before"]["source"]}


@pytest.mark.parametrize("kind", ["sparse", "gaps", "one class", "few", "no source"])
def test_other_features_and_few_rows_have_a_map_too(kind):
    source, target, said, held = two_domains(n=5 if kind == "few" else 30, m=30)
    if kind == "sparse":
        source, target = (csr_array(np.maximum(each, 0)) for each in (source, target))
    if kind == "gaps":
        source[0, :], target[:, 3] = np.nan, np.nan
    if kind == "one class":
        held = HeldOut(np.zeros(30, np.int64), held.groups)
    if kind == "no source":
        source, held = source[:0], HeldOut(held.classes[:0], held.groups[:0])
    found = feature_map(Looks(source, target, said), None, held, NAMES, 0, same_space=True)
    points = np.array([*found["before"]["source"], *found["before"]["target"]])
    assert np.isfinite(points).all() and found["after"] is None
    assert len(found["before"]["source"]) == source.shape[0]
    assert (found["before"]["told_apart"] is None) == (kind in ("few", "no source"))
    assert (found["before"]["together"] is None) == (kind == "no source")


def test_rows_of_one_group_are_not_each_others_neighbours():
    classes, groups = np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1])  # each class is one group
    rows = np.array([[0.0, 1.0], [0.1, 1.0], [1.0, 0.0], [1.0, 0.1]])
    looks = Looks(rows, rows, classes)
    found = feature_map(looks, None, HeldOut(classes, groups), NAMES, 0, same_space=True)
    assert found["before"]["together"] == 0.0
    alone = feature_map(looks, None, HeldOut(classes, np.arange(4)), NAMES, 0, same_space=True)
    assert alone["before"]["together"] == 1.0
