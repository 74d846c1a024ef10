from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.evaluation.mcnemar import mcnemar

counts = st.integers(0, 60)


def by_counting(b, c):
    """Twice the share of the 2^n ways to split n examples that are as uneven as this or more, at most 1."""
    n, least = b + c, min(b, c)
    return min(1.0, 2 * sum(comb(n, k) for k in range(least + 1)) / 2**n)


@given(counts, counts)
def test_it_is_the_share_of_ways_to_split(b, c):
    assert mcnemar(b, c)["p"] == pytest.approx(by_counting(b, c))
    assert mcnemar(b, c)["p"] == mcnemar(c, b)["p"]


def test_by_hand():
    assert mcnemar(5, 0) == {"only_one": 5, "only_other": 0, "p": 0.0625}  # 2 / 32
    assert mcnemar(0, 0)["p"] == mcnemar(3, 3)["p"] == 1
