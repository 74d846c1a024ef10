"""The section of evidence about groups."""

from __future__ import annotations

import numpy as np

from headstart.evidence.fairness import fairness_section
from headstart.tasks.choose import configured


def test_it_is_said_which_columns_the_model_is_given():
    names = np.tile(np.array(["no", "yes"], dtype=object), 30)
    task = configured("classification", names, None)
    targets = task.encode(names)
    outputs = np.where(targets.values[:, None] == np.arange(2), 2.0, -2.0)
    columns = {"sex": np.repeat(np.array(["f", "m"], dtype=object), 30)}
    told = fairness_section(task, targets, outputs, columns, 0, inputs=["age", "sex"])
    assert told["positive"] == "yes" and len(told["notes"]) == 1
    assert told["notes"][0].startswith("sex is among the columns that the model is given.")
    assert fairness_section(task, targets, outputs, columns, 0, inputs=["age"])["notes"] == []
