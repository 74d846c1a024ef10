import numpy as np

from headstart.adaptation.shift.carriers import columns_that_differ, numbers_that_differ, words_that_differ
from headstart.core.table import Column, Table


def table(rng, n, shift, share):
    return Table(
        {
            "same": Column("number", rng.normal(size=n)),
            "moved": Column("number", rng.normal(size=n) + shift),
            "kind": Column("category", np.where(rng.random(n) < share, "a", "b").astype(object)),
            "gone": Column("number", np.full(n, np.nan)),
        }
    )


def test_columns_that_moved_are_named_with_what_they_were_and_are():
    rng = np.random.default_rng(0)
    found = columns_that_differ(table(rng, 300, 0.0, 0.9), table(rng, 300, 3.0, 0.3))
    assert [each["name"] for each in found] == ["moved", "kind"]
    assert found[0]["target"] - found[0]["source"] > 2.5 and found[1]["distance"] > 0.5
    assert found[1]["source"].startswith("'a' in 9") or found[1]["source"].startswith("'a' in 8")


def test_nothing_is_named_where_nothing_moved():
    rng = np.random.default_rng(1)
    assert columns_that_differ(table(rng, 300, 0.0, 0.5), table(rng, 300, 0.0, 0.5)) == []
    assert numbers_that_differ({"x": np.array([])}, {"x": np.array([1.0])}) == []


def test_words_of_one_domain_are_named_and_those_of_both_are_not():
    bank = ["please block my card today", "my card is lost", "a new card for my account"] * 20
    hotel = ["please book my room today", "my room is cold", "a new room for my stay"] * 20
    found = {each["name"]: each["z"] for each in words_that_differ(bank, hotel)}
    assert found["card"] < -3.3 and found["room"] > 3.3 and "my" not in found and "please" not in found
    assert words_that_differ([], hotel) == []
