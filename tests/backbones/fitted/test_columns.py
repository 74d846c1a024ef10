from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.backbones.fitted.columns import Columns, ColumnsConfig
from headstart.backbones.fitted.number_curve import curve_knots, hats
from headstart.backbones.fitted.raw_columns import RawColumns, RawColumnsConfig
from headstart.core.errors import DataError
from headstart.core.table import Column, Table

BOTH = [Columns(ColumnsConfig(least_rows=1)), RawColumns(RawColumnsConfig())]
both = pytest.mark.parametrize("backbone", BOTH, ids=["columns", "raw_columns"])


def numbers(*values):
    return Column("number", np.array(values, np.float64))


def words(*values):
    return Column("category", np.array(values, object))


def by_name(backbone, arrays, table):
    return dict(zip(backbone.feature_names(arrays), backbone.transform(arrays, table).T, strict=True))


def mixed(n=200, seed=0):
    rng = np.random.default_rng(seed)
    size = rng.standard_normal(n)
    size[::9] = np.nan
    return Table(
        {
            "size": Column("number", size),
            "colour": Column("category", rng.choice(np.array(["red", "green", "blue", None], object), n)),
            "paid": Column("boolean", rng.integers(0, 2, n).astype(float)),
            "day": Column("date", rng.uniform(0, 1e9, n)),
        }
    )


@both
def test_one_name_a_feature_and_rows_that_do_not_depend_on_their_neighbours(backbone):
    table = mixed()
    arrays = backbone.fit(table)
    features = backbone.transform(arrays, table)
    assert features.dtype == np.float32 and features.shape == (200, len(backbone.feature_names(arrays)))
    assert all(array.dtype.kind in "uif" for array in arrays.values())  # nothing that needs a pickle
    rows = np.array([150, 3, 77])
    assert np.array_equal(backbone.transform(arrays, table.take(rows)), features[rows], equal_nan=True)
    assert backbone.transform(arrays, table.take(np.arange(0))).shape == (0, features.shape[1])


@both
def test_the_same_table_gives_the_same_bits(backbone):
    first, second = backbone.fit(mixed()), backbone.fit(mixed())
    assert all(np.array_equal(first[name], second[name]) for name in first)


@both
def test_a_column_that_is_gone_or_of_another_kind_is_named(backbone):
    arrays = backbone.fit(mixed())
    columns = dict(mixed().columns)
    del columns["colour"]
    columns["color"] = words(*["red"] * 200)
    with pytest.raises(DataError, match="column 'colour'.*Did you mean 'color'"):
        backbone.transform(arrays, Table(columns))
    with pytest.raises(DataError, match="'colour' must be a category, as in training; it is a number"):
        backbone.transform(arrays, Table({**columns, "colour": numbers(*range(200))}))


@both
def test_further_columns_and_their_order_are_irrelevant(backbone):
    table = mixed()
    arrays = backbone.fit(table)
    turned = Table({"new": numbers(*range(200)), **dict(reversed(table.columns.items()))})
    assert np.array_equal(backbone.transform(arrays, turned), backbone.transform(arrays, table), equal_nan=True)


@both
@pytest.mark.parametrize("values", [[np.nan] * 4, [3.0] * 4, [1e308, -1e308, np.inf, np.nan], [0.0]])
def test_empty_constant_and_enormous_columns_break_nothing(backbone, values):
    table = Table({"size": numbers(*values)})
    features = backbone.transform(backbone.fit(table), Table({"size": numbers(np.nan, 0, 5, -np.inf)}))
    assert not np.isinf(features).any()
    if backbone.name == "columns":
        assert np.isfinite(features).all()


@both
def test_a_category_of_ten_thousand_levels_stays_narrow(backbone):
    table = Table({"id": words(*(f"user {i}" for i in range(10_000)))})
    assert backbone.transform(backbone.fit(table), table).shape[1] <= 102


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=6)), min_size=1, max_size=20), st.data())
def test_any_words_are_encoded(values, data):
    table = Table({"word": words(*values)})
    new = data.draw(st.lists(st.one_of(st.none(), st.text(max_size=6)), min_size=1, max_size=5))
    for backbone in BOTH:
        arrays = backbone.fit(table)
        assert backbone.transform(arrays, Table({"word": words(*new)})).shape[0] == len(new)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(width=64), min_size=1, max_size=30), st.sampled_from(["number", "date"]))
def test_any_numbers_and_dates_are_encoded(values, kind):
    table = Table({"x": Column(kind, np.array(values, np.float64))})
    for backbone in BOTH:
        features = backbone.transform(backbone.fit(table), table)
        assert not np.isinf(features).any()
        assert backbone.name == "raw_columns" or np.isfinite(features).all()


@both
def test_known_levels_are_those_of_the_training_part_in_natural_order(backbone):
    table = Table({"grade": words("B2", "B10", None, "B2"), "size": numbers(1, 2, 3, 4)})
    assert backbone.known_levels(backbone.fit(table)) == {"grade": ["B2", "B10"]}


def test_a_level_of_fewer_rows_than_it_needs_is_not_known():
    backbone = Columns(ColumnsConfig(least_rows=2))
    assert backbone.known_levels(backbone.fit(Table({"grade": words("B2", "B10", None, "B2")}))) == {"grade": ["B2"]}


def test_a_number_by_hand():
    # quartiles of 1..9 are 3, 5 and 7: the spread is 4 / 1.349
    backbone = Columns(ColumnsConfig(knots=0))
    arrays = backbone.fit(Table({"size": numbers(*range(1, 10))}))
    features = by_name(backbone, arrays, Table({"size": numbers(5, 9, np.nan)}))
    assert features["size"] == pytest.approx([0, np.arcsinh(4 / (4 / 1.349)), 0])
    assert list(features) == ["size"]  # training had no gap, so a gap has no feature


def test_a_missing_value_has_a_feature_where_training_had_one():
    backbone = Columns(ColumnsConfig())
    arrays = backbone.fit(Table({"size": numbers(1, np.nan, 3), "colour": words("a", None, "b")}))
    features = by_name(backbone, arrays, Table({"size": numbers(np.nan, 2), "colour": words(None, "a")}))
    assert features["size: missing"].tolist() == [1, 0] and features["colour: missing"].tolist() == [1, 0]


def test_rare_and_unseen_levels_are_one():
    backbone = Columns(ColumnsConfig(least_rows=2))
    arrays = backbone.fit(Table({"colour": words("red", "red", "blue", "blue", "pink")}))
    features = by_name(backbone, arrays, Table({"colour": words("red", "pink", "never seen")}))
    assert features["colour: red"].tolist() == [1, 0, 0] and features["colour: other"].tolist() == [0, 1, 1]
    assert "colour: pink" not in features


def test_levels_stand_in_natural_order_and_unknown_ones_in_the_middle():
    backbone = Columns(ColumnsConfig(least_rows=1))
    arrays = backbone.fit(Table({"grade": words("A10", "A9", "A100")}))
    features = by_name(backbone, arrays, Table({"grade": words("A9", "A10", "A100", "B", None)}))
    assert features["grade: in order"].tolist() == [0, 1, 2, 1, 1]


def test_a_date_has_a_trend_and_cycles_that_vary():
    monday = 4 * 86_400.0  # 5 January 1970
    dates = Column("date", monday + 86_400.0 * np.arange(20))
    backbone = Columns(ColumnsConfig(knots=0))
    features = by_name(backbone, backbone.fit(Table({"on": dates})), Table({"on": dates}))
    assert features["on: weekday 1"][:8].tolist() == [1, 0, 0, 0, 0, 0, 0, 1]
    assert "on: day (sine)" in features and not [name for name in features if "hour" in name or "month" in name]
    assert (np.diff(features["on: trend"]) > 0).all()


def test_hats_by_hand():
    # knots 0, 10, 30: 5 is half way between the first two, 15 a quarter of the way between the others
    expected = [[1, 0, 0], [0.5, 0.5, 0], [0, 0.75, 0.25], [0, 0, 1]]
    assert hats(np.array([-3.0, 5.0, 15.0, 99.0]), [0.0, 10.0, 30.0]) == pytest.approx(np.array(expected))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), st.integers(3, 12))
def test_hats_are_shares_that_sum_to_1(values, count):
    knots = curve_knots(np.array(values), count)
    assert knots == sorted(set(knots)) and len(knots) <= count
    if knots:
        curve = hats(np.array(values), knots)
        assert (curve >= 0).all() and curve.sum(1) == pytest.approx(1)


def test_a_value_that_most_rows_have_leaves_knots_for_the_others():
    values = np.concatenate([np.zeros(900), np.linspace(1, 100, 100)])
    knots = curve_knots(values, 6)
    assert knots[0] == 0 and len(knots) == 6 and knots[1] == 1 and knots[-1] == 100


def test_few_rows_get_few_knots():
    config = ColumnsConfig()
    for rows, expected in ((100, 0), (800, 4), (20_000, 12)):
        table = Table({"x": Column("number", np.random.default_rng(0).standard_normal(rows))})
        backbone = Columns(config)
        names = backbone.feature_names(backbone.fit(table))
        assert len([name for name in names if "near" in name]) == expected


def test_raw_columns_by_hand():
    backbone = RawColumns(RawColumnsConfig())
    table = Table(
        {"size": numbers(1.5, np.nan), "colour": words("b", None), "paid": Column("boolean", np.array([1.0, np.nan]))}
    )
    training = Table(
        {
            "size": numbers(*range(6)),
            "colour": words("b", "b", "c", "c", "c", "a"),
            "paid": Column("boolean", np.ones(6)),
        }
    )
    features = by_name(backbone, backbone.fit(training), table)
    assert list(features) == ["size", "colour: in order", "colour: by frequency", "paid"]
    assert [float(values[0]) for values in features.values()] == [1.5, 1, 1, 1]  # order a b c, by frequency c b a
    assert all(np.isnan(values[1]) for values in features.values())


def test_two_levels_need_one_code_and_unseen_ones_are_missing():
    backbone = RawColumns(RawColumnsConfig())
    arrays = backbone.fit(Table({"sex": words("m", "f", "m")}))
    codes = backbone.transform(arrays, Table({"sex": words("f", "m", "x")}))[:, 0]
    assert codes[:2].tolist() == [0, 1] and np.isnan(codes[2])
