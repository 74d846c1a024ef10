"""Groups on both sides of a given split."""

from __future__ import annotations

import pytest

from headstart.core.errors import LeakError
from headstart.inspection.audit import require_meaning
from inspection.made_examined import checked, make_examined


def test_a_group_on_both_sides_is_severe_and_can_be_accepted():
    examined = make_examined(["a", "b"] * 4, test=[6, 7], groups=["x", "x", "y", "z", None, None, "y", None])
    (finding,) = checked("groups_across_splits", examined)
    assert (finding.id, finding.severity) == ("groups_across_splits", "severe")
    assert finding.what == (
        "A group must lie in one split; 1 lies on both sides of it ('y'), with 1 of 2 test examples (50 %)."
    )
    assert [suspect.row for suspect in finding.suspects] == [6]
    with pytest.raises(LeakError, match="--accept groups_across_splits"):
        require_meaning([finding], ())
    require_meaning([finding], ("groups_across_splits",))


def test_groups_that_are_kept_together_rows_without_one_and_data_without_a_split_are_silent():
    groups = ["x", "x", "y", "y", None, None, "z", None]
    assert checked("groups_across_splits", make_examined(["a", "b"] * 4, test=[6, 7], groups=groups)) == []
    assert checked("groups_across_splits", make_examined(["a", "b"] * 4, groups=groups)) == []
    assert checked("groups_across_splits", make_examined(["a", "b"] * 4, test=[6, 7])) == []
