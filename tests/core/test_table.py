"""Plain columns: rows of several tables."""

import numpy as np

from headstart.core.table import Column, Table, joined


def test_joined_tables_hold_their_rows_one_after_another():
    first = Table({"a": Column("number", np.array([1.0])), "b": Column("category", np.array(["x"], object))})
    second = Table(
        {"a": Column("number", np.array([2.0, np.nan])), "b": Column("category", np.array([None, "y"], object))}
    )
    found = joined([first, second])
    assert found.columns["a"].values[:2].tolist() == [1.0, 2.0] and np.isnan(found.columns["a"].values[2])
    assert found.columns["b"].values.tolist() == ["x", None, "y"]
