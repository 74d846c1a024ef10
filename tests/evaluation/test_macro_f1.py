import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from headstart.evaluation.confusion import class_counts
from headstart.evaluation.macro_f1 import _without_each, f1_shares, macro_f1, macro_f1_difference, macro_f1_interval
from headstart.evaluation.proportions import clopper_pearson, paired_difference

SAMPLES = st.integers(0, 10_000).map(np.random.default_rng).map(lambda rng: sample(rng))


def sample(rng):
    k = int(rng.integers(2, 12))
    n = int(rng.integers(1, 80))
    y = rng.integers(k, size=n)
    first, second = (np.where(rng.random(n) < rng.random(), y, rng.integers(k, size=n)) for _ in range(2))
    return y, first, second, k


def test_macro_f1_by_hand():
    # F1 of class 0: 2*1/(2+1); of class 1: 2*1/(1+2); class 2 has no example and does not count
    y, p = np.array([0, 0, 1]), np.array([0, 1, 1])
    assert macro_f1(class_counts(y, p, 3)) == pytest.approx(2 / 3)


@given(SAMPLES)
def test_macro_f1_equals_scikit_learn_over_the_classes_with_examples(drawn):
    y, p, _, k = drawn
    expected = f1_score(y, p, labels=np.unique(y), average="macro", zero_division=0)
    assert macro_f1(class_counts(y, p, k)) == pytest.approx(expected)


@given(SAMPLES)
def test_the_mean_share_of_the_examples_is_macro_f1(drawn):
    y, p, _, k = drawn
    assert f1_shares(y, p, k).mean() == pytest.approx(macro_f1(class_counts(y, p, k)))


@given(SAMPLES)
def test_the_interval_holds_the_value(drawn):
    y, p, _, k = drawn
    low, high = macro_f1_interval(y, p, k)
    assert 0 <= low <= macro_f1(class_counts(y, p, k)) + 1e-9
    assert macro_f1(class_counts(y, p, k)) - 1e-9 <= high <= 1


@given(SAMPLES)
def test_a_difference_turns_its_sign_when_the_models_change_places(drawn):
    y, first, second, k = drawn
    value, low, high = macro_f1_difference(y, first, second, k)
    assert -1 <= low <= value + 1e-9 and value - 1e-9 <= high <= 1
    back = macro_f1_difference(y, second, first, k)
    assert [value, low, high] == pytest.approx([-back[0], -back[2], -back[1]], abs=1e-9)


@given(SAMPLES)
def test_renaming_the_classes_changes_nothing(drawn):
    y, first, second, k = drawn
    renamed = np.random.default_rng(0).permutation(k)
    assert macro_f1_interval(renamed[y], renamed[first], k) == pytest.approx(macro_f1_interval(y, first, k))
    assert macro_f1_difference(renamed[y], renamed[first], renamed[second], k) == pytest.approx(
        macro_f1_difference(y, first, second, k), abs=1e-9
    )


def test_the_interval_of_two_hits_by_hand():
    # Each class has one example, a hit. Pooled (2 + 1/2)/3 = 5/6, so both rates are shrunk to (1 + 5/3)/3 = 8/9, and F1
    # too. A hit moves macro-F1 by (2 - 2 * 8/9)/2 = 1/9, an error would by 8/9; at the pooled rate (16/9 + 1/2)/3 =
    # 41/54 the second moment is 41/54 / 81 + 13/54 * 64/81 = 97/486, and with the one example (1/81 + 2 * 97/486)/3 =
    # 100/729. The effective size is 8/9 * 1/9 over half of that: 1.44.
    low, high = macro_f1_interval(np.array([0, 1]), np.array([0, 1]), 2)
    assert high == 1 and low == pytest.approx(0.025 ** (1 / 1.44))


def test_into_which_classes_without_examples_errors_fall_does_not_matter():
    y = np.arange(40) % 2
    one, two = y.copy(), y.copy()
    one[:8], two[:8] = 2, [2, 3] * 4
    assert macro_f1_interval(y, one, 4) == pytest.approx(macro_f1_interval(y, two, 4), rel=1e-12)


def test_a_model_does_not_differ_from_itself_but_a_width_remains():
    y = np.arange(300) % 3
    value, low, high = macro_f1_difference(y, y, y, 3)
    expected = paired_difference(0, 0, 300)  # three equal classes: the effective size is all 300
    assert value == 0 and [low, high] == pytest.approx([float(x) for x in expected], rel=1e-6)


def test_two_balanced_classes_come_close_to_the_interval_of_accuracy():
    # With symmetric errors macro-F1 of two classes equals accuracy, and so should its interval.
    y = np.repeat([0, 1], 200)
    p = y.copy()
    p[:20], p[200:220] = 1, 0
    low, high = macro_f1_interval(y, p, 2)
    assert [low, high] == pytest.approx([float(x) for x in clopper_pearson(360, 400)], abs=0.004)


def test_the_influence_gives_the_variance_that_resampling_gives():
    rng = np.random.default_rng(0)
    y = rng.choice(3, 2000, p=[0.6, 0.3, 0.1])
    p = np.where(rng.random(2000) < 0.75, y, rng.integers(3, size=2000))
    cells = np.bincount(y * 3 + p, minlength=9)
    again = rng.multinomial(2000, cells / 2000, size=4000).reshape(-1, 3, 3)
    f1 = (2 * np.diagonal(again, axis1=1, axis2=2) / (again.sum(1) + again.sum(2))).mean(1)
    low, high = macro_f1_interval(y, p, 3)
    assert high - low == pytest.approx(2 * 1.96 * f1.std(), rel=0.05)


def test_leaving_out_one_example_moves_macro_f1_as_counting_again_says():
    rng = np.random.default_rng(1)
    y, p = rng.integers(4, size=40), rng.integers(4, size=40)
    counts = class_counts(y, p, 4)
    moved = _without_each(y, p, counts)
    for i in range(40):
        again = macro_f1(class_counts(np.delete(y, i), np.delete(p, i), 4))
        assert macro_f1(counts) + moved[i] == pytest.approx(again)
