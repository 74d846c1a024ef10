import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t
from sklearn.metrics import f1_score

from headstart.evaluation.confusion import class_counts
from headstart.evaluation.macro_f1 import (
    _score_interval,
    _without_each,
    f1_shares,
    macro_f1,
    macro_f1_difference,
    macro_f1_interval,
)
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
    assert value == pytest.approx(macro_f1(class_counts(y, first, k)) - macro_f1(class_counts(y, second, k)))
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
    y = np.repeat([0, 1], [36, 4])  # few of a class, so that the effective size is below all 40
    one, two = y.copy(), y.copy()
    one[36:38], two[36:38] = 2, [2, 3]
    low, high = macro_f1_interval(y, one, 4)
    assert macro_f1_interval(y, two, 4) == pytest.approx((low, high), rel=1e-12)
    assert 0.5 < low < high < 0.99  # two errors of 40 are no more than that


def test_a_model_does_not_differ_from_itself_but_a_width_remains():
    y = np.arange(300) % 3
    value, low, high = macro_f1_difference(y, y, y, 3)
    expected = paired_difference(0, 0, 300)  # three equal classes: the effective size is all 300
    assert value == 0 and [low, high] == pytest.approx([float(x) for x in expected], rel=1e-6)


def moved_by(y, p, i):
    """What the weight of one example moves macro-F1 by, as the file's formula has it."""
    d = [((y == k).mean() + (p == k).mean()) for k in range(5)]
    f1 = [2 * ((y == k) & (p == k)).mean() / d[k] if d[k] else 0.0 for k in range(5)]
    own, other = y[i], p[i]
    total = 2 / d[own] - 2 * f1[own] / d[own] if own == other else -(f1[own] / d[own] + f1[other] / d[other])
    return total / len(np.unique(y))


def score_interval_by_loops(y, first, second, value):
    n, present = len(y), np.unique(y)
    pooled = ((first != second).sum() + 1) / (n + 1)
    moment = psi = smoothed = 0.0
    for k in present:
        members = np.flatnonzero(y == k)
        squares = sum((moved_by(y, first, i) - moved_by(y, second, i)) ** 2 for i in members)
        changed = (first[members] != second[members]).sum()
        jump = n / (len(present) * len(members))  # of macro recall, by one changed prediction
        moment += len(members) / n * (squares + 2 * pooled * jump**2) / (len(members) + 2)  # two pseudo-examples
        smoothed += (changed + 2 * pooled) / (len(members) + 2) / len(present)
        psi += changed / len(members) / len(present)
    size = (smoothed - value**2) / ((moment - value**2) / n)
    assert 1 < size < n
    return [float(x) for x in paired_difference((psi + value) / 2 * size, (psi - value) / 2 * size, size)]


@pytest.mark.parametrize(("seed", "other"), [(0, 3), (1, 3), (2, 3), (0, 0)])
def test_the_score_interval_equals_loops(seed, other):
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1, 2, 3], [20, 9, 3, 1])
    first, second = (np.where(rng.random(33) < right, y, rng.integers(5, size=33)) for right in (0.8, 0.6))
    first[-1], second[-1] = 3, other  # the class of one example; the last class has none
    counts = [class_counts(y, predictions, 5) for predictions in (first, second)]
    value = macro_f1(counts[0]) - macro_f1(counts[1])
    found = _score_interval(y, first, second, counts, value)
    assert found == pytest.approx(score_interval_by_loops(y, first, second, value))


def test_the_effective_size_is_one_at_least():
    # The only example of a class is missed: macro-F1 falls by 1 - (16/17 + 0)/2 = 9/17, more than the mean share of
    # changed predictions that is expected, (0.04 + 1.4/3)/2
    y = np.array([0] * 8 + [1])
    none = np.zeros(9, int)
    counts = [class_counts(y, predictions, 2) for predictions in (y, none)]
    assert _score_interval(y, y, none, counts, 9 / 17) == pytest.approx(
        [float(x) for x in paired_difference(9 / 17, 0, 1)]
    )


def test_of_two_balanced_classes_the_score_interval_is_that_of_accuracy():
    y = np.repeat([0, 1], 100)
    first, second = y.copy(), y.copy()
    first[[*range(10), *range(100, 110)]] ^= 1
    second[[*range(5, 25), *range(105, 125)]] ^= 1  # wrong alone on 30, as 10 are of both; the first alone on 10
    counts = [class_counts(y, predictions, 2) for predictions in (first, second)]
    expected = [float(x) for x in paired_difference(30, 10, 200)]
    assert _score_interval(y, first, second, counts, 0.1) == pytest.approx(expected)


@pytest.mark.parametrize(("seed", "n", "is_decisive"), [(1, 40, True), (7, 30, True), (2, 40, False), (4, 2, True)])
def test_the_interval_of_a_difference_holds_that_of_leaving_out_each_example(seed, n, is_decisive):
    rng = np.random.default_rng(seed)
    y = rng.choice(3, n, p=[0.6, 0.3, 0.1])
    first, second = (np.where(rng.random(n) < right, y, rng.integers(3, size=n)) for right in (0.7, 0.5))

    def difference(*arrays):
        counts = [class_counts(arrays[0], predictions, 3) for predictions in arrays[1:]]
        return macro_f1(counts[0]) - macro_f1(counts[1])

    without = [difference(*(np.delete(values, i) for values in (y, first, second))) for i in range(n)]
    reach = t.ppf(0.975, n - 1) * np.std(without) * np.sqrt(n - 1)
    value, low, high = macro_f1_difference(y, first, second, 3)
    assert low <= max(-1, value - reach) + 1e-9 and high >= min(1, value + reach) - 1e-9
    assert ((low, high) == pytest.approx((max(-1, value - reach), min(1, value + reach)))) is is_decisive


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
