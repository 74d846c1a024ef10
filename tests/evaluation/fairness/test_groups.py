import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.errors import ConfigError, ShapeError
from headstart.evaluation.fairness.groups import MISSING, groupings, together


def column(*counted):
    return np.array([value for value, count in counted for _ in range(count)], dtype=object)


def test_groups_are_the_values_in_order_and_codes_point_at_them():
    (found,) = groupings({"sex": column(("m", 12), ("f", 11))})
    assert found.group_names == ("f", "m") and found.values == (("f",), ("m",))
    assert found.code.tolist() == [1] * 12 + [0] * 11 and found.refused == "" and found.too_few == {}


@pytest.mark.parametrize("gap", [None, float("nan"), "", "  ", np.nan, "<NA>", np.datetime64("NaT")])
def test_gaps_are_a_group_of_their_own(gap):
    (found,) = groupings({"sex": column(("m", 12), (gap, 10))})
    assert found.group_names == (MISSING, "m")


def test_numbers_and_booleans_are_groups_too():
    assert groupings({"site": np.repeat([1, 2], 10)})[0].group_names == ("1", "2")
    assert groupings({"new": np.repeat([True, False], 10)})[0].group_names == ("False", "True")


def test_small_groups_are_named_with_their_size_and_belong_to_no_group():
    (found,) = groupings({"race": column(("a", 20), ("b", 10), ("c", 1), ("d", 9))})
    assert found.group_names == ("a", "b") and found.too_few == {"c": 1, "d": 9}
    assert (found.code == -1).sum() == 10


def test_two_columns_are_also_taken_together_and_three_in_pairs_and_all():
    columns = {name: np.tile(np.repeat(["x", "y"], 2**place), 160 // 2**place) for place, name in enumerate("abc")}
    names = [found.name for found in groupings(columns)]
    assert names == ["a", "b", "c", "a & b", "a & c", "b & c", "a & b & c"]
    pair = groupings(columns)[3]
    assert pair.columns == ("a", "b") and pair.group_names == ("x & x", "x & y", "y & x", "y & y")
    assert pair.values[1] == ("x", "y")
    assert [found.name for found in groupings(columns, least_together=None)] == ["a", "b", "c"]


def test_groups_of_several_columns_need_more_examples():
    columns = {"a": np.arange(100) % 2, "b": np.arange(100) // 60}
    found = groupings(columns)[2]
    assert found.group_names == ("0 & 0", "1 & 0") and found.least == 30 and found.too_few == {"0 & 1": 20, "1 & 1": 20}
    assert len(groupings(columns, least_together=20)[2].group_names) == 4


def test_one_value_is_refused_with_a_sentence_and_takes_part_in_no_pair():
    found = groupings({"one": np.full(40, "x"), "two": np.repeat(["a", "b"], 20)})
    assert found[0].refused == "All 40 examples have the same one: 'x'. There is nothing to compare."
    assert found[0].group_names == () and (found[0].code == -1).all()
    assert [each.name for each in found] == ["one", "two"]


def test_a_column_of_names_is_refused():
    (found,) = groupings({"id": np.arange(3000)})
    assert "3,000 different values" in found.refused and "names examples" in found.refused
    assert found.too_few == {} and found.group_names == ()


def test_small_groups_alone_are_refused():
    (found,) = groupings({"city": np.arange(60) // 2})
    assert found.refused == "No two groups of city have 10 examples each; the largest has 2."


def test_one_large_group_beside_many_small_ones_can_be_compared_with_them():
    (found,) = groupings({"city": column(("a", 30), *((f"b{n}", 1) for n in range(10)))})
    assert found.group_names == ("a",) and not found.refused
    assert groupings({"city": column(("a", 30), *((f"b{n}", 1) for n in range(9)))})[0].refused


@pytest.mark.parametrize("columns", [{}, {"a": np.array(["x", "y"])}])
def test_no_column_or_groups_of_one_are_an_error(columns):
    with pytest.raises(ConfigError, match="at least 2 examples"):
        groupings(columns, least=1)
    with pytest.raises(ConfigError, match="least = 1"):
        groupings({"a": np.zeros(3)}, least_together=1)


def test_columns_of_other_lengths_or_shapes_are_an_error():
    with pytest.raises(ShapeError, match="one value for each example"):
        groupings({"a": np.zeros(3), "b": np.zeros(4)})
    with pytest.raises(ShapeError, match="'a' must hold one value"):
        groupings({"a": np.zeros((3, 2))})
    with pytest.raises(ShapeError, match="one value for each example"):
        groupings({"a": np.zeros(0)})


@given(st.lists(st.sampled_from(["a", "b", "c", None, ""]), min_size=2, max_size=80), st.integers(2, 12))
def test_every_example_is_in_one_group_or_among_the_few(values, least):
    (found,) = groupings({"g": np.array(values, dtype=object)}, least)
    if found.refused:
        return
    sizes = np.bincount(found.code[found.code >= 0], minlength=len(found.group_names))
    assert (sizes >= least).all() and all(size < least for size in found.too_few.values())
    assert sizes.sum() + sum(found.too_few.values()) == len(values)


def test_columns_that_give_the_groups_of_one_of_them_again_say_so():
    speakers = np.repeat(["anna", "ben", "cleo"], 40)
    columns = {"speaker": speakers, "accent": np.where(speakers == "cleo", "north", "south"), "day": np.arange(120) % 2}
    repeats = {found.name: found.repeats for found in groupings(columns)}
    assert repeats == {
        "speaker": "", "accent": "", "day": "",
        "speaker & accent": "speaker", "speaker & day": "", "accent & day": "",
        "speaker & accent & day": "speaker & day",
    }  # fmt: skip


def test_together_is_all_columns_that_can_be_compared():
    columns = {"a": np.arange(120) % 2, "b": np.arange(120) // 60, "one": np.full(120, "x")}
    assert together(columns).name == "a & b" and together({"a": columns["a"]}).name == "a"
    assert together({"a": columns["a"], "one": columns["one"]}).name == "a"
    assert together({"one": columns["one"]}).refused


def test_together_keeps_the_finer_of_nested_columns():
    speakers = np.repeat(["anna", "ben", "cleo"], 40)
    accents = np.where(speakers == "cleo", "north", "south")
    assert len(together({"speaker": speakers, "accent": accents}).group_names) == 3
    assert len(together({"accent": accents, "speaker": speakers}).group_names) == 3
