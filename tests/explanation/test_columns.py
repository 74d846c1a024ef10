"""Columns taken away under a linear head and under trees."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from bundle.helpers_tables import COLUMNS, fitted, table
from headstart.bundle import FittedBackbone
from headstart.bundle.predictor import Pass, Predictor, Source
from headstart.core.learning import Fitted
from headstart.core.schema import ColumnSchema, InputSchema, PartSchema
from headstart.core.table import Column, Table
from headstart.explanation.example import Example
from headstart.explanation.explainers.shapley import Shapley, ShapleyConfig
from headstart.explanation.model import Model
from headstart.explanation.plausible import ROWS, plausible_values, reference_rows
from headstart.explanation.question import Question
from headstart.explanation.unit import units_of
from headstart.postprocessing.postprocessing import Postprocessing

SCHEMA = InputSchema(columns=COLUMNS)
ROWS_OF_TABLE = 30  # a level needs five rows for a feature of its own


def stump(features):
    """A tree as boosting keeps it: 25 or younger, -1, else +1; by the first feature alone."""
    return Fitted(
        {
            "feature": np.array([0, -1, -1], np.int32), "threshold": np.array([25.0, 0, 0]),
            "left": np.array([1, 1, 2], np.int32), "right": np.array([2, 1, 2], np.int32),
            "missing_left": np.array([True, False, False]), "value": np.array([0.0, -1.0, 1.0]),
            "root": np.array([0], np.int32), "output": np.array([0], np.int32), "round": np.array([0], np.int32),
            "baseline": np.array([0.0]),
        },
        {"method": "boosting", "form": "trees", "width": 2, "features": features},
    )  # fmt: skip


def question_of(name, head, row):
    """About one row of the table, class 1 of 2."""
    _, arrays = fitted(name, table(ROWS_OF_TABLE))
    source = Source(None, None, FittedBackbone(name, arrays).transform)
    model = Model(Predictor(SCHEMA, (source,), head, Postprocessing(), "class"), 1)
    example = Example((), {}, table(ROWS_OF_TABLE).take(np.array([row])))
    return Question(example, units_of(model.predictor, example), model, lambda: pytest.fail("no network here"))


def boosted(row):
    from headstart.core import plugins

    features, _ = fitted("raw_columns", table(ROWS_OF_TABLE))
    plugin = plugins.load("methods", "boosting")
    head = partial(plugin.build(plugin.config()).predict, stump(features.shape[1]))
    return question_of("raw_columns", head, row)


def test_the_values_that_trees_tell_apart_lie_on_either_side_of_their_thresholds():
    pytest.importorskip("sklearn")
    known = plausible_values(boosted(0).model.predictor)
    assert known["age"][0] == 25 and known["age"][1] > 25 and len(known["age"]) == 2
    assert set(known["sex"]) == {"f", "m"}


@pytest.mark.parametrize(("row", "sign"), [(2, -1), (11, 1)])  # 22 and 31 years
def test_under_a_tree_a_row_rests_on_its_column_whichever_side_it_lies_on(row, sign):
    pytest.importorskip("sklearn")
    question = boosted(row)
    assert question.units.names == ("age", "sex")
    found = Shapley(ShapleyConfig(orders=2)).explain(question)
    # of two classes the margin is half the logit; half of the plausible ages lie beyond: there it is -sign / 2
    assert found.values.tolist() == [pytest.approx(sign * 0.5), pytest.approx(0.0)]


def test_under_a_linear_head_a_column_counts_what_it_says_more_than_the_mean_of_plausible_values():
    features, arrays = fitted("columns", table(ROWS_OF_TABLE))
    weight = np.zeros((2, features.shape[1]), np.float32)
    names = FittedBackbone("columns", arrays).load().feature_names(arrays)
    weight[1, names.index("sex: m")] = 2.0
    from headstart.methods.linear import linear_outputs

    head = partial(linear_outputs, Fitted({"weight": weight, "bias": np.zeros(2, np.float32)}, {"form": "linear"}))
    question = question_of("columns", head, 1)
    found = Shapley(ShapleyConfig(orders=1)).explain(question)
    share = np.mean(question.units.stand_ins["sex"] == "m")
    assert found.values.tolist() == [
        pytest.approx(0.0),
        pytest.approx(1.0 - share),
    ]  # margin 1, on the average its share


def test_reference_rows_spread_each_column_over_its_values():
    found = reference_rows({"a": [1.0, 2.0], "b": list("xyzw")})
    assert sorted(found["a"].tolist()) == [1.0] * (ROWS // 2) + [2.0] * (ROWS // 2)
    assert sorted(found["b"].tolist()) == sorted("xxyyzzww")
    assert reference_rows({"a": [1.0, 2.0, 3.0]}, 1)["a"].tolist() == [2.0]


@pytest.mark.parametrize(("kind", "value"), [("image", 124), ("sound", 0.0005)])
def test_a_picture_or_recording_beside_columns_is_taken_away_as_a_whole(kind, value):
    from headstart.core.preprocessing import ImagePreprocessing, SoundPreprocessing

    settings = {"image": ImagePreprocessing(mean=(124 / 255,) * 3), "sound": SoundPreprocessing(sample_rate=8000)}[kind]
    prepared = {"image": np.full((2, 2, 3), 9, np.uint8), "sound": np.array([0.5, 0.5], np.float32)}[kind]
    over = Pass(0, SimpleNamespace(preprocessing=settings), None, 4, "eager", "float32")
    parts = (PartSchema(modality=kind, columns=("what",)),)
    schema = InputSchema(parts=parts, columns=(ColumnSchema(name="age", kind="number"),))
    predictor = Predictor(schema, (Source(0, over), Source(None)), None, Postprocessing(), "class")
    units = units_of(predictor, Example((prepared,), {0: b""}, Table({"age": Column("number", np.array([3.0]))})))
    assert units.names == ("age", "what")
    changed = units.without(np.array([[True, False], [False, True]]))
    assert np.isclose(changed.prepared[0][0], value).all() and np.array_equal(changed.prepared[0][1], prepared)
    assert changed.table.columns["age"].values[0] == 3 and np.isnan(changed.table.columns["age"].values[1])
