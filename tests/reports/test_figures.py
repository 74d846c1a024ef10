import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.reports.figures import MOST_ROWS, figures, in_words


@pytest.mark.parametrize(
    ("key", "value", "row"),
    [
        ("learned_rows", 1234, ("Learned rows", "1,234")),
        ("share", 0.1102, ("Share", "11.0\u202f%")),
        ("copied_fraction", 0.5, ("Copied", "50.0\u202f%")),
        ("read_seconds", 2.5, ("Read", "2.5\u202fs")),
        ("read_seconds", -2.5, ("Read", "\u22122.5\u202fs")),
        ("peak_mib", 2048, ("Peak", "2.0\u202fGiB")),
        ("ratio", -0.123456, ("Ratio", "\u22120.1235")),
        ("is_leak", True, ("Leak", "yes")),
        ("column", "price\npaid", ("Column", "price paid")),
        ("threshold", None, ("Threshold", "\u2013")),
        ("share", {"value": 0.04, "low": 0.02, "high": 0.06}, ("Share", "4.0\u202f% (2.0\u202f% to 6.0\u202f%)")),
        ("groups", ["a", "b", 3], ("Groups", "a, b, 3")),
        ("", 1, ("(empty)", "1")),
    ],
)
def test_one_cell_is_written_with_its_unit(key, value, row):
    assert figures({key: value}).rows == (row,)
    assert not figures({key: value}).is_partial


def test_an_object_of_numbers_is_a_group_with_the_names_as_they_are():
    found = figures({"counts": {"long_sleeve": 3, "hat": 1}})
    assert found.groups == (("Counts", (("long_sleeve", "3"), ("hat", "1"))),)
    assert not found.is_partial


def test_long_groups_are_cut_and_the_cut_is_told():
    found = figures({"counts": {str(i): i for i in range(MOST_ROWS + 1)}})
    assert len(found.groups[0][1]) == MOST_ROWS
    assert found.is_partial


@pytest.mark.parametrize("value", [[["a", "b"]], list(range(9)), [{"x": 1}], {"a": {"b": 1}}, {}, []])
def test_what_is_not_simple_is_left_out_and_that_is_told(value):
    found = figures({"pairs": value, "rows": 1})
    assert (found.rows, found.groups, found.is_partial) == ((("Rows", "1"),), (), True)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=12), JSON, max_size=4))
def test_any_evidence_is_text_afterwards(evidence):
    found = figures(evidence)
    rows = [*found.rows, *(row for _, group in found.groups for row in group)]
    assert all(isinstance(cell, str) and cell for row in rows for cell in row)


def test_a_name_in_words_keeps_its_own_capitals():
    assert in_words("exif_GPS_shortcuts") == "Exif GPS shortcuts"
