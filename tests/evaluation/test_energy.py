import pytest

from headstart.evaluation.energy import watt_hours


def test_an_hour_of_a_core_is_its_watts():
    assert watt_hours(3600) == (3, 15)


@pytest.mark.parametrize("seconds", [0, 1, 1e6])
def test_it_grows_with_the_time(seconds):
    low, high = watt_hours(seconds)
    assert high == pytest.approx(5 * low) and watt_hours(2 * seconds) == pytest.approx((2 * low, 2 * high))
