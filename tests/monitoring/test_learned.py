import numpy as np

from headstart.core.learning import Targets
from headstart.core.table import Table
from headstart.evaluation.softmax import softmax
from headstart.monitoring.learned import HeldOutRows, bin_edges, binned, learned_reference, listed_counts
from monitoring.helpers_monitoring import NAMES, TASK, make_reference, make_rows


def test_edges_are_quantiles_and_a_value_of_many_rows_has_a_bin_of_its_own():
    values = np.append(np.arange(100.0), np.full(100, 1000.0))
    edges = bin_edges(values, 4)
    assert edges[-1] == np.nextafter(1000.0, np.inf)
    assert binned(np.array([[1000.0]]), edges[None])[0].tolist().index(1) == list(edges).index(1000.0) + 1


def test_a_value_in_the_bin_of_the_edges_it_reaches_and_nan_in_none():
    edges = np.array([[0.0, 1.0, np.inf]])
    counts = binned(np.array([[-1.0], [0.0], [0.5], [1.0], [np.nan]]), edges)
    assert counts.tolist() == [[1, 2, 1, 0]]


def test_a_name_that_is_not_listed_is_counted_as_the_last():
    words = np.array(["a", None, "new"], dtype=object)
    assert listed_counts(words, ("a", "b", "(other)")).tolist() == [1, 0, 1]


def test_every_row_is_counted_once_for_everything_that_is_looked_at(reference):
    assert {int(each.sum()) for each in reference.counts} <= {600, int((~np.isnan(make_rows(600, 0).table.columns[
        "age"].values)).sum())}  # fmt: skip
    assert {int(each.sum()) for each in reference.listed_counts} == {600}
    assert reference.feature_rows == 600
    assert reference.confusion.sum() == 600


def test_confusion_and_sureness_are_those_of_a_count_by_hand(reference):
    rows = make_rows(600, 0)
    predicted = rows.outputs.argmax(axis=1)
    expected = [[int(((predicted == i) & (rows.truth == j)).sum()) for j in range(3)] for i in range(3)]
    assert reference.confusion.tolist() == expected
    assert reference.sureness.right == (predicted == rows.truth).mean()
    assert reference.sureness.sure == softmax(rows.outputs).max(axis=1).mean()


def test_what_is_written_is_read_back_and_is_small(reference):
    again = make_reference()
    for name in ("edges", "counts", "mean", "covariance", "confusion", "middle"):
        assert np.array_equal(getattr(again, name), getattr(reference, name)), name
    assert (again.numbered, again.listed, again.sureness) == (reference.numbered, reference.listed, reference.sureness)
    assert sum(array.nbytes for array in reference.arrays().values()) < 100_000


def test_rare_categories_are_not_named():
    rows = make_rows(600, 0)
    rows.table.columns["colour"].values[0] = "only one row"
    held = HeldOutRows(TASK, rows.outputs, Targets(rows.truth, "class", 3), None, {}, rows.table, (0, 600))
    found = learned_reference(held, {}, np.random.default_rng(0))
    colours = next(each for each in found.listed if each.name == "colour")
    assert colours.labels == ("blue", "red", "(other)")


def test_too_few_rows_give_a_reference_of_nothing_that_says_why():
    held = HeldOutRows(TASK, None, Targets(np.zeros(0, np.int64), "class", 3), None, {}, Table(), (1, 20))
    found = learned_reference(held, {}, np.random.default_rng(0))
    assert found.numbered == () and found.listed == ()
    assert set(found.why_not) == {"predictions", "features"}
    assert found.families() == ("quality", "measured")
    assert NAMES == TASK.class_names
