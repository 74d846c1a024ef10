import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.evaluation.multiple_testing import holm

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def by_steps(p_values, error):
    """Holm's procedure as he tells it: go on to the next smallest while it is below error / (those that are left)."""
    claimed = set()
    for step, at in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        if p_values[at] > error / (len(p_values) - step):
            break
        claimed.add(at)
    return claimed


def test_three_by_hand():
    # sorted 0.01, 0.03, 0.04 times 3, 2, 1 is 0.03, 0.06, 0.04, and none below one before it
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])


@given(P_VALUES, st.sampled_from([0.01, 0.05, 0.2]))
def test_what_is_claimed_is_what_the_steps_claim(p_values, error):
    assert set(np.flatnonzero(holm(p_values) <= error)) in (
        by_steps(p_values, error),
        by_steps(p_values, error * (1 + 1e-12)),
    )


@given(P_VALUES)
def test_it_raises_keeps_the_order_and_is_no_stricter_than_bonferroni(p_values):
    raised, p = holm(p_values), np.array(p_values)
    assert (raised >= p).all() and (raised <= np.minimum(1, p * len(p)) + 1e-15).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(raised[order]) >= 0).all()


def test_one_is_left_as_it_is():
    assert holm([0.04]).tolist() == [0.04]
