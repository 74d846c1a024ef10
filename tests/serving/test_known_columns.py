"""What is known of the plain columns of a bundle."""

from __future__ import annotations

import numpy as np

from bundle.helpers_bundle import EVIDENCE, TASK
from bundle.helpers_tables import COLUMNS, fitted, table
from bundle.test_tables import majority
from headstart import bundle
from headstart.bundle import WrittenFitted
from headstart.core.schema import InputSchema
from headstart.monitoring.learned import HeldOutRows, learned_reference
from headstart.postprocessing.postprocessing import Postprocessing
from headstart.serving.known_columns import known_columns
from headstart.tasks.choose import task_from_dict

NOTHING = Postprocessing()


def written(folder, postprocessing=NOTHING):
    sources = []
    for name in ("columns", "raw_columns"):
        sources.append(WrittenFitted(name, fitted(name, table())[1], table()))
    width = sum(fitted(name, table())[0].shape[1] for name in ("columns", "raw_columns"))
    common = {"task_dict": TASK, "input_schema": InputSchema(columns=COLUMNS), "evidence": EVIDENCE}
    return bundle.write(
        folder / "b",
        sources=sources,
        fitted=majority(width),
        postprocessing=postprocessing or Postprocessing(),
        **common,
    )


def test_of_two_that_read_a_column_the_one_that_tells_most_apart_decides(tmp_path):
    # of 12 rows "f" and "m" have 4 each: "columns" needs 5 for a level, "raw_columns" one
    age, sex = known_columns(written(tmp_path))
    assert sex == {"name": "sex", "kind": "category", "spelling": "", "levels": ["f", "m"]}
    assert age == {"name": "age", "kind": "number", "spelling": ""}  # a bundle without the monitor's reference


def test_nine_in_ten_training_values_lie_between_low_and_high(tmp_path):
    rows = table(101)  # ages 20 to 120, of which 21 is missing
    task = task_from_dict(TASK)
    nothing = task.encode(["cat"]).take(np.zeros(0, np.int64))
    held = HeldOutRows(task, None, nothing, None, {}, rows, (0, 101))
    reference = learned_reference(held, {}, np.random.default_rng(0))
    age, _ = known_columns(written(tmp_path, Postprocessing(arrays=reference.arrays())))
    ages = rows.columns["age"].values
    assert [age["low"], age["high"]] == [*np.quantile(ages[~np.isnan(ages)], [0.05, 0.95])]
