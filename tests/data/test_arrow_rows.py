from __future__ import annotations

import datetime
from decimal import Decimal

import pyarrow as arrow
import pyarrow.feather as feather
import pyarrow.parquet as parquet
import pytest

from data.helpers_data import write
from headstart.core.errors import DataError
from headstart.data.tables import batches, column_names, load


def written(tmp_path, table, ending):
    path = tmp_path / f"t{ending}"
    {".parquet": parquet.write_table, ".feather": feather.write_feather}[ending](table, str(path))
    return path


BOTH = pytest.mark.parametrize("ending", [".parquet", ".feather"])


@BOTH
def test_values_are_pythons_own(tmp_path, ending):
    day, moment = datetime.date(2020, 2, 3), datetime.datetime(2020, 2, 3, 4, 5, 6)
    berlin = arrow.array([moment], arrow.timestamp("ms", "Europe/Berlin"))
    table = arrow.table(
        {
            "list": [["a", "b"]],
            "struct": [{"bytes": b"x", "path": None}],
            "category": arrow.array(["cat"]).dictionary_encode(),
            "nanoseconds": arrow.array([1_580_702_706_000_000_001], arrow.timestamp("ns")),
            "zone": berlin,
            "date": [day],
            "decimal": arrow.array([Decimal("1.50")], arrow.decimal128(5, 2)),
            "bytes": [b"\0"],
            "missing": arrow.nulls(1),
            "whole": [7],
            "length": arrow.array([1_500], arrow.duration("ns")),
        }
    )
    columns = {name: values[0] for name, values in load(written(tmp_path, table, ending)).items()}
    assert columns.pop("zone") == moment.replace(tzinfo=datetime.UTC)
    assert columns == {
        "list": ["a", "b"],
        "struct": {"bytes": b"x", "path": None},
        "category": "cat",
        "nanoseconds": moment,
        "date": day,
        "decimal": 1.5,
        "bytes": b"\0",
        "missing": None,
        "whole": 7,
        "length": datetime.timedelta(microseconds=1),
    }


@BOTH
def test_batches_are_the_whole_table(tmp_path, ending):
    path = written(tmp_path, arrow.table({"a": list(range(25)), "b": ["x", None, "y", "x", "z"] * 5}), ending)
    found = list(batches(path, 10))
    assert [len(batch["a"]) for batch in found] == [10, 10, 5]
    assert [value for batch in found for value in batch["b"]] == load(path)["b"] == ["x", None, "y", "x", "z"] * 5
    assert column_names(path) == ["a", "b"]


@BOTH
def test_the_row_numbers_of_pandas_are_left_out(tmp_path, ending):
    import pandas

    table = arrow.Table.from_pandas(pandas.DataFrame({"a": [1, 2]}, index=[5, 9]))
    assert table.column_names == ["a", "__index_level_0__"]
    assert load(written(tmp_path, table, ending)) == {"a": [1, 2]}


@BOTH
def test_a_name_twice_no_rows_and_damage_are_errors(tmp_path, ending):
    twice = arrow.Table.from_arrays([arrow.array([1]), arrow.array([2])], names=["a", "a"])
    path = tmp_path / f"twice{ending}"
    if ending == ".parquet":
        parquet.write_table(twice, path)
    else:  # write_feather refuses such a table, other programs do not
        with arrow.ipc.new_file(path, twice.schema) as writer:
            writer.write_table(twice)
    with pytest.raises(DataError, match="name each column once; repeated: a"):
        load(path)
    with pytest.raises(DataError, match="at least one row"):
        load(written(tmp_path, arrow.table({"a": arrow.array([], arrow.string())}), ending))
    whole = written(tmp_path, arrow.table({"a": list(range(1000))}), ending).read_bytes()
    for content in (b"", whole[:100], whole[:-30], b"PAR1 nothing"):
        with pytest.raises(DataError, match=f"must be a {ending[1:]} file"):
            load(write(tmp_path / f"damaged{ending}", content))


def test_the_first_version_of_feather_is_read(tmp_path):
    path = tmp_path / "old.feather"
    with pytest.warns(DeprecationWarning):
        feather.write_feather(arrow.table({"a": ["x", "y"]}), path, version=1)
    with pytest.warns(DeprecationWarning):
        assert load(path) == {"a": ["x", "y"]}
