"""Which columns become inputs, through ``read``."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.helpers_data import contents, said
from headstart.core.errors import ConfigError, DataError
from headstart.core.schema import ColumnSchema, InputSchema, PartSchema
from headstart.data.read import read

SENTENCES = ["where is my new card", "i lost the card again", "please send it once more", "the card does not work"]


def frame(n=40, **columns):
    base = {
        "label": ["a", "b"] * (n // 2),
        "age": list(range(20, 30)) * (n // 10),
        "city": ["Rome", "Oslo", "Bonn"] * n,
    }
    return pandas.DataFrame({name: values[:n] for name, values in {**base, **columns}.items()})


def texts(n=40):
    return [f"{SENTENCES[i % 4]} number {i}" for i in range(n)]


def test_prose_is_the_input_and_the_other_columns_are_named_with_how_to_join_them():
    reading = read(frame(review=texts()))
    assert reading.dataset.schema == InputSchema(parts=(PartSchema(modality="text", columns=("review",)),))
    assert contents(reading)[1] == "i lost the card again number 1"
    assert "input is the column 'review': prose, 7 words a row on average" in reading.notes
    assert "not used: 'age', 'city'; to join one, name it too: --input review,age" in reading.notes
    assert reading.notes[-1] == "40 texts: 40 not split yet"


def test_two_columns_of_prose_are_a_pair():
    reading = read(frame(first=texts(), second=texts()[::-1]))
    assert [part.schema.columns for part in reading.dataset.parts] == [("first", "second")]
    assert json.loads(contents(reading)[0]) == [texts()[0], texts()[39]]


def test_of_a_pair_that_lacks_one_text_a_stroke_stands_for_it():
    reading = read(frame(first=[None, "", *texts(38)], second=["", "only this", *texts(38)]), input="first,second")
    assert contents(reading)[0] == '["-", "only this"]'
    assert [(bad.id, bad.reason) for bad in reading.bad] == [("0", "an empty text")]


def test_three_columns_of_prose_are_three_inputs():
    reading = read(frame(a=texts(), b=texts()[::-1], c=texts()))
    assert [part.schema.columns for part in reading.dataset.parts] == [("a",), ("b",), ("c",)]
    assert len(np.unique(reading.dataset.keys, axis=0)) == 40


def test_without_prose_all_other_columns_are_the_table():
    reading = read(frame(height=[f"{i / 7:.2f}" for i in range(40)], smoker=["yes", "no", ""] * 14))
    kinds = {column.name: column.kind for column in reading.dataset.schema.columns}
    assert kinds == {"age": "number", "city": "category", "height": "number", "smoker": "boolean"}
    assert reading.dataset.parts == () and reading.dataset.modality == "table"
    assert reading.dataset.table.columns["height"].values[7] == 1.0
    assert "no column holds files or prose, so the inputs are the 4 other columns" in said(reading)


def test_columns_that_are_no_use_are_left_out_and_named():
    reading = read(
        frame(
            customerID=[f"C{i:04}" for i in range(40)],
            row=list(range(40)),
            same=["x"] * 40,
            hollow=[""] * 39 + ["1"],
            lists=[[1, 2]] * 40,
        )
    )
    assert [column.name for column in reading.dataset.schema.columns] == ["age", "city"]
    for sentence in (
        "'customerID' has another value in nearly every row, like an identifier: left out; "
        "--input customerID reads it as text",
        "'row' numbers the rows, like an identifier: left out",
        "'same' is always 'x': left out",
        "'hollow' is empty in 98 % of the rows: left out",
        "'lists' holds lists or objects: left out",
    ):
        assert sentence in reading.notes


def test_a_leak_is_left_out_loudly_and_kept_when_it_is_named():
    data = frame(code=["z1", "z2"] * 20)
    reading = read(data)
    assert "code" not in reading.dataset.table.columns
    assert "LEFT OUT, since it would give the answer away" in said(reading) and "'code': alone it tells" in said(
        reading
    )
    named = read(data, input="age,code")
    assert list(named.dataset.table.columns) == ["age", "code"]
    assert "'code' tells much about the target" in said(named) and "kept, since --input names it" in said(named)


def test_a_leak_is_kept_where_nothing_else_is_left():
    reading = read(frame(code=["z1", "z2"] * 20).drop(columns=["age", "city"]))
    assert list(reading.dataset.table.columns) == ["code"] and "kept, as no other column is left" in said(reading)


def test_leaks_are_measured_on_the_training_part():
    data = frame(n=80, split=["train"] * 60 + ["test"] * 20)
    data["note"] = ["k"] * 30 + ["m"] * 30 + [f"is {label}" for label in data["label"][60:]]
    assert "note" in read(data).dataset.table.columns


def test_the_reading_names_what_was_left_out_with_reasons():
    copied = ["x", "y"] * 20
    table = frame(verdict=copied, unit=["kg"] * 40, code=[f"c{i}" for i in range(40)])
    told = "alone it tells the right target in 100 % of the rows"
    assert read(table).left_out == {
        "verdict": f"gives the answer away: {told}",
        "unit": "is always 'kg'",
        "code": "has another value in nearly every row, like an identifier",
    }
    assert read(table, input="age,unit").left_out == {}  # somebody said so
    assert read(table, drop="unit").left_out.keys() == {"verdict", "code"}
    assert read(frame(review=texts())).left_out == {}
    table["split"] = ["train"] * 30 + ["test"] * 10
    reading = read(table)
    assert reading.left_out.keys() == {"verdict", "unit", "code"}
    assert reading.without({3: "damaged"}).left_out == reading.left_out


def test_named_columns():
    reading = read(frame(review=texts()), input="review,age")
    assert [part.schema.columns for part in reading.dataset.parts] == [("review",)]
    assert list(reading.dataset.table.columns) == ["age"] and reading.dataset.modality == "table"
    assert "input is the texts in 'review' and the column 'age' (number), as --input says" in reading.notes
    assert read(frame(review=texts()), input=["age"]).dataset.modality == "table"
    assert read(frame(review=texts()), input=" review , age ").dataset.schema == reading.dataset.schema


def test_a_column_whose_name_holds_a_comma():
    reading = read(frame(**{"mass, kg": list(range(40))}), input="mass, kg")
    assert list(reading.dataset.table.columns) == ["mass, kg"]


def test_codes_are_text_when_they_are_named():
    codes = [f"C{'C' * (i % 7)}(=O)N{i}" for i in range(40)]
    assert read(frame(smiles=codes), input="smiles").dataset.modality == "text"
    assert read(frame(smiles=codes)).dataset.modality == "table"
    assert read(frame(), input="city", modality="text").dataset.modality == "text"
    assert read(frame(), input="city").dataset.modality == "table"


def test_the_only_other_column_is_text_if_it_is_no_category():
    data = pandas.DataFrame({"label": ["a", "b"] * 20, "name": [f"Name{i}" for i in range(40)]})
    reading = read(data)
    assert reading.dataset.modality == "text" and "no other column can be used" in said(reading)


def test_modality_overrules():
    assert read(frame(review=texts()), modality="table").dataset.modality == "table"
    with pytest.raises(DataError, match="must hold texts; none of"):
        read(frame(), modality="text")


def test_wrong_names_are_named_with_the_nearest():
    data = frame(review=texts())
    for options in ({"input": "reviw"}, {"input": "review,aeg"}, {"drop": ["ctiy"]}, {"groups": "aeg"}, {"id": "ctiy"}):
        with pytest.raises(ConfigError, match="Did you mean"):
            read(data, **options)
    with pytest.raises(ConfigError, match="other columns than the target 'label'"):
        read(data, input="label")
    with pytest.raises(ConfigError, match="slices must be one of"):
        read(data, slices=["cit"])


def test_dropped_and_grouping_columns_are_no_inputs():
    reading = read(frame(person=["p1", "p2", "p3", "p4"] * 10), drop=["age"], groups="person")
    assert list(reading.dataset.table.columns) == ["city"]
    assert reading.dataset.groups.tolist()[:2] == ["p1", "p2"]
    assert "4 groups in the column 'person'" in reading.notes
    assert list(read(frame(), drop="age").dataset.table.columns) == ["city"]


def test_slices_may_be_inputs_and_numbers_become_ranges():
    reading = read(frame(n=200, age=list(range(20, 70)) * 4), slices=["age", "city"])
    assert "age" in reading.dataset.table.columns and len(set(reading.dataset.slices["age"])) == 4
    assert set(reading.dataset.slices["city"]) == {"Rome", "Oslo", "Bonn"}


def test_gaps_in_the_target_and_numeric_targets_written_as_text():
    targets = [f"{i / 3:.3f}" for i in range(40)]
    targets[3] = None
    targets[4] = " "
    data = frame(target=targets).drop(columns="label")
    reading = read(data)
    assert "2 rows without a target were left out" in reading.notes and len(reading.dataset) == 38
    assert reading.dataset.targets[0] == "0.000" and reading.dataset.targets[3] == "1.667"


def test_an_empty_text_is_bad_a_missing_one_left_out():
    values = [*texts(38), "", None]
    reading = read(frame(review=values))
    assert [(bad.id, bad.reason) for bad in reading.bad] == [("38", "an empty text")]
    assert "1 rows without an input were left out" in reading.notes and len(reading.dataset) == 38


def test_a_missing_text_beside_other_inputs_is_kept():
    reading = read(frame(review=[*texts(38), "", None]), input="review,age")
    assert len(reading.dataset) == 40 and contents(reading)[38:] == ["-", "-"]
    assert "2 rows have no text in 'review'; it is read as '-' there" in reading.notes


ODD = [
    "x" * 1_000_000,
    "a\0b\x07c",
    "مرحبا بالعالم mixed שלום",
    "\U0001f469\u200d\U0001f680 fine \u200d",
    "half \ud83d",
]


@pytest.mark.parametrize("text", ODD, ids=["a megabyte", "controls", "right to left", "emoji", "surrogate"])
def test_odd_texts_are_read_as_they_are(text):
    reading = read((["plain words", text], ["a", "b"]), modality="text")
    assert reading.bad == () and contents(reading)[1] == text.encode("utf-8", "replace").decode()


def test_one_row_is_enough_to_measure_and_not_to_learn():
    with pytest.raises(DataError, match="at least two rows to learn from; it holds 1"):
        read(frame(n=40)[:1])
    assert len(read(frame(n=40)[:1], to_learn=False).dataset) == 1


def test_no_column_beside_the_target():
    with pytest.raises(DataError, match="beside the target; there is none"):
        read(pandas.DataFrame({"label": ["a", "b"]}))
    with pytest.raises(DataError, match="beside the target; 'x' is empty"):
        read(pandas.DataFrame({"label": ["a", "b"], "x": [None, None]}))


def test_duplicate_columns_of_a_frame():
    with pytest.raises(DataError, match="repeated: age"):
        read(pandas.DataFrame([["a", 1, 2]], columns=["label", "age", "age"]))


SCHEMA = InputSchema(columns=(ColumnSchema(name="age", kind="number"), ColumnSchema(name="city", kind="category")))


def test_a_fixed_schema_infers_nothing():
    data = frame(n=10, city=["new"] * 10, age=["x", *range(9)], review=texts(10))
    reading = read(data, schema=SCHEMA)
    assert list(reading.dataset.table.columns) == ["age", "city"]
    assert "1 values of 'age' are not numbers and count as missing: 'x'" in reading.notes
    with pytest.raises(DataError, match="lacks 'city'"):
        read(data.drop(columns="city"), schema=SCHEMA)


def test_a_schema_read_back_reads_data_the_same_way():
    data = frame(n=60, price=["3,5", "1,25", "2"] * 20, when=["25/12/2020", "03/04/2020", "1/1/2019"] * 20)
    reading = read(data)
    again = read(data, schema=InputSchema.model_validate(reading.dataset.schema.model_dump()))
    assert reading.dataset.schema.columns[2].spelling == "decimal_comma"
    assert reading.dataset.schema.columns[3].spelling == "day_first"
    assert again.dataset.fingerprint == reading.dataset.fingerprint
    assert "numbers in 'price' are read with a decimal comma" in reading.notes


def test_a_separate_test_source_is_read_as_the_training_data():
    train, test = frame(n=40, code=["1", "2"] * 20), frame(n=10, code=["A", "2"] * 5)
    data = read(train, input="age,code", test=test).dataset
    assert data.split.tolist() == ["train"] * 40 + ["test"] * 10
    assert np.isnan(data.table.columns["code"].values[40]) and len(data.table) == 50
    with pytest.raises(ConfigError, match="got 'age'"):
        read(train, input="age,code", test=test.drop(columns="age"))
    with pytest.raises(DataError, match="lacks 'age'"):
        read(train, test=test.drop(columns="age"))


def test_target_optional():
    data = frame(review=texts()).drop(columns="label")
    reading = read(data, target_optional=True)
    assert reading.dataset.targets.tolist() == [None] * 40 and reading.dataset.modality == "text"


CELL = st.none() | st.integers(-5, 5) | st.floats(allow_nan=True) | st.text(max_size=6) | st.booleans()
TABLES = st.integers(2, 25).flatmap(
    lambda n: st.dictionaries(st.sampled_from("abcdef"), st.lists(CELL, min_size=n, max_size=n), min_size=1, max_size=4)
)


@settings(deadline=None, max_examples=150)
@given(TABLES)
def test_any_table_is_read_or_refused_with_a_message(columns):
    n = len(next(iter(columns.values())))
    data = pandas.DataFrame({**{name: pandas.Series(values, dtype=object) for name, values in columns.items()}})
    data["label"] = [f"c{i % 3}" for i in range(n)]
    try:
        reading = read(data, allow_bad=1.0)
    except DataError as error:
        assert "must" in str(error)
        return
    dataset = reading.dataset
    assert len(dataset) + len(reading.bad) <= n and len(dataset.ids) == len(set(dataset.ids))
    used = {name for part in dataset.schema.parts for name in part.columns} | set(dataset.table.columns)
    assert used and used <= set(columns)
    for name in set(columns) - used:
        assert repr(name) in said(reading)  # whatever is left out is named
    again = read(data, schema=dataset.schema, allow_bad=1.0)
    assert again.dataset.fingerprint == dataset.fingerprint


@settings(deadline=None, max_examples=30)
@given(st.lists(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\0"), max_size=30), min_size=2))
def test_any_texts_are_read_as_they_are_from_a_file(values):
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "t.jsonl"
        path.write_text("".join(json.dumps({"t": text, "label": "x"}) + "\n" for text in values), "utf-8")
        try:
            reading = read(path, input="t", modality="text", allow_bad=1.0)
        except DataError:
            return
        found = dict(zip(reading.dataset.ids, contents(reading), strict=True))
    assert len(found) + len(reading.bad) == len(values)
    assert all(found[str(row)] == text for row, text in enumerate(values) if str(row) in found)
