import json
import math
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from headstart.core.errors import ConfigError, DataError, HeadstartError, ShapeError
from headstart.core.files import dump_json
from headstart.core.learning import Targets
from headstart.evaluation.intervals import warnings_of
from headstart.evaluation.softmax import softmax
from headstart.tasks import classification
from headstart.tasks.classification import Classification, ClassificationConfig, configure, from_dict, matches
from tasks.helpers_tasks import grades

PLAIN = [
    "accuracy",
    "balanced_accuracy",
    "precision_macro",
    "recall_macro",
    "macro_f1",
    "log_loss",
    "ece",
]


def task_of(k, primary="accuracy"):
    return Classification(ClassificationConfig(class_names=tuple(f"c{i}" for i in range(k)), primary=primary))


def sample(n, k, seed=0, strength=1.5):
    rng = np.random.default_rng(seed)
    y = rng.integers(k, size=n)
    z = rng.normal(size=(n, k))
    z[np.arange(n), y] += strength
    return Targets(y, "class", k), z


def intervals_in(section):
    for value in section.values():
        if isinstance(value, dict):
            if "level" in value:
                yield value
            else:
                yield from intervals_in(value)


# --- targets to numbers and back


def test_targets_go_to_numbers_and_come_back():
    task = Classification(configure(["hat", "shoe", "hat", "dress"]))
    assert task.class_names == ("dress", "hat", "shoe")
    targets = task.encode(np.array(["shoe", "dress"], dtype=object))
    assert targets.values.tolist() == [2, 0] and targets.values.dtype == np.int64 and targets.width == 3
    assert task.written(targets) == ["shoe", "dress"]


def test_predictions_are_the_class_its_probability_and_one_column_per_class():
    task = Classification(configure(["hat", "shoe", "hat", "dress"]))
    found = task.predictions(np.log([[0.2, 0.3, 0.5], [0.9, 0.05, 0.05]]))
    assert tuple(found) == task.prediction_columns
    assert found["prediction"] == ["shoe", "dress"]
    assert found["probability"] == pytest.approx([0.5, 0.9])
    assert found["probability_hat"] == pytest.approx([0.3, 0.05])


def test_one_name_in_two_unicode_forms_is_one_class():
    composed, apart = unicodedata.normalize("NFC", "é"), unicodedata.normalize("NFD", "é")
    assert composed != apart
    task = Classification(configure([composed, apart, "b"]))
    assert task.class_names == ("b", composed)
    assert task.encode(np.array([apart], dtype=object)).values.tolist() == [1]


def test_a_value_that_is_no_class_is_named_with_its_nearest():
    with pytest.raises(DataError, match=r"got \['shoes'\]. Did you mean 'shoe'\?"):
        Classification(configure(["hat", "shoe"])).encode(np.array(["hat", "shoes"], dtype=object))


@given(st.lists(st.text(min_size=1, max_size=5), min_size=2, max_size=30))
def test_any_names_are_encoded_and_decoded_without_loss(values):
    names = [unicodedata.normalize("NFC", value) for value in values]
    if len(set(names)) < 2:
        return
    task = Classification(configure(values))
    targets = task.encode(np.array([*values, None], dtype=object)[:-1])
    assert task.predictions(np.eye(targets.width)[targets.values])["prediction"] == names == task.written(targets)


def test_numbers_are_ordered_as_numbers_and_text_by_code_point():
    assert configure(["10", "9", "1"]).class_names == ("1", "9", "10")
    assert configure(["10", "9", "x"]).class_names == ("10", "9", "x")
    assert configure([10, 9, 1]).class_names == ("1", "9", "10")
    assert configure(["b", "B", "ä"]).class_names == ("B", "b", "ä")


def test_ties_go_to_the_class_that_comes_first():
    found = task_of(3).predictions(np.zeros((2, 3)))
    assert found["prediction"] == ["c0", "c0"] and np.allclose(found["probability"], 1 / 3)


# --- which metric decides


@pytest.mark.parametrize(
    "counts, primary",
    [
        ((90, 10), "accuracy"),
        ((91, 9), "macro_f1"),
        ((60, 32, 8), "macro_f1"),
        ((150, 60, 60, 60, 32, 22), "macro_f1"),
        ((50,) * 10, "accuracy"),
        ((51,) * 9 + (46,), "accuracy"),  # 9 % each is an equal share, not a rare class
        ((50,) * 9 + (10,), "macro_f1"),
        ((1,) * 1000, "accuracy"),
    ],
)
def test_a_rare_class_makes_macro_f1_decide(counts, primary):
    assert configure([f"c{i}" for i, count in enumerate(counts) for _ in range(count)]).primary == primary


def test_one_class_is_not_enough():
    with pytest.raises(DataError, match=r"at least two classes; got \['cat'\]"):
        configure(["cat", "cat"])


def test_names_that_repeat_are_refused_and_the_task_survives_json():
    with pytest.raises(ConfigError, match="unique"):
        ClassificationConfig.parse({"class_names": ["a", "a"]}, "task")
    task = Classification(configure(["x"] * 20 + ["y"]))
    again = from_dict(json.loads(dump_json(task.to_dict())))
    assert again.class_names == task.class_names and again.primary == "macro_f1"


# --- does a column of targets hold classes


@pytest.mark.parametrize(
    "targets, reason",
    [
        (["cat", "dog"], "text with 2 distinct"),
        ([f"name {i}" for i in range(50)], "text with 50 distinct"),
        ([0, 1, 1], "only 2 distinct"),
        (["1.5", "2.5"], "only 2 distinct"),
        (list(range(100)) * 2, "codes 0 to 99"),
        (["1", "2", "3"] * 4, "--task ordinal as grades"),
        (["Heart; lung", "Liver; gut", "Heart; lung"], "text with 2"),
        (["a;b", "plain", "other"], "text with 3"),
    ],
)
def test_text_and_few_numbers_are_classes(targets, reason):
    assert reason in matches(targets)


@pytest.mark.parametrize(
    "targets",
    [
        [],
        [i / 7 for i in range(50)],
        [i / 7 for i in range(12)],
        [f"{i},5" for i in range(50)],
        [*(f"{i}.5" for i in range(50)), "n/a"],
        ["a|b", "b|c", "a|c"],
        ["a|b", "b|c", "a|c", "a"],
        ["a; b", "b", "a; b; c", "c"],
        ['["a"]', '["a", "b"]'],
    ],
)
def test_measured_numbers_and_label_sets_are_not(targets):
    assert matches(targets) is None


# --- numbers from logits


def test_log_loss_by_hand():
    # probabilities 1/2 and 1/4 for the true class
    logits = np.log([[0.5, 0.25, 0.25], [0.25, 0.25, 0.5]])
    assert task_of(3).loss(Targets(np.array([0, 1]), "class", 3), logits) == pytest.approx([math.log(2), math.log(4)])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_huge_logits_give_finite_losses_and_metrics(dtype):
    targets, logits = sample(50, 4)
    huge = (logits * 1e30).astype(dtype)
    task = task_of(4)
    assert np.isfinite(task.loss(targets, huge)).all() and (task.loss(targets, huge) >= 0).all()
    assert dump_json(task.metrics(targets, huge, 0))


@pytest.mark.parametrize("k", [2, 5, 20])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_equal_scikit_learn(k, dtype):
    targets, logits = sample(150, k, seed=k)
    logits = logits.astype(dtype)
    y, p = targets.values, logits.argmax(1)
    section = task_of(k).metrics(targets, logits, 0)
    probabilities = softmax(logits)
    labels = np.unique(y)
    expected = {
        "accuracy": sk.accuracy_score(y, p),
        "balanced_accuracy": sk.balanced_accuracy_score(y, p) if len(labels) == k else None,
        "recall_macro": sk.recall_score(y, p, labels=labels, average="macro"),
        "precision_macro": sk.precision_score(y, p, labels=labels, average="macro", zero_division=0),
        "macro_f1": sk.f1_score(y, p, labels=labels, average="macro"),
        "log_loss": sk.log_loss(y, probabilities, labels=np.arange(k)),
    }
    if k == 2:
        expected["roc_auc"] = sk.roc_auc_score(y, probabilities[:, 1])
        expected["average_precision"] = sk.average_precision_score(y, probabilities[:, 1])
    for name, value in expected.items():
        assert value is None or section[name]["value"] == pytest.approx(value, rel=1e-6), name
    precision, recall, _, n = sk.precision_recall_fscore_support(y, p, labels=np.arange(k), zero_division=np.nan)
    for i, (name, one) in enumerate(section["per_class"].items()):
        assert name == f"c{i}" and one["n"] == n[i]
        assert one["recall"]["value"] == pytest.approx(recall[i])
        assert np.isnan(precision[i]) if one["precision"]["value"] is None else True
        assert one["precision"]["value"] is None or one["precision"]["value"] == pytest.approx(precision[i])


@pytest.mark.parametrize("k, n", [(2, 1), (2, 30), (10, 372), (1000, 300), (5, 5)])
def test_every_interval_is_ordered_and_holds_its_value(k, n):
    targets, logits = sample(n, k)
    section = task_of(k).metrics(targets, logits, 0)
    assert set(PLAIN) < set(section)
    found = list(intervals_in(section))
    assert len(found) >= len(PLAIN) + 2 * k
    for one in found:
        assert one["level"] == 0.95
        if one["low"] is None:
            assert one["high"] is None and one["note"]
        else:
            assert one["low"] <= one["value"] + 1e-9 and one["value"] - 1e-9 <= one["high"]
    assert dump_json(section)


def test_only_two_classes_have_ranking_metrics():
    assert "roc_auc" in task_of(2).metrics(*sample(20, 2), 0)
    assert "roc_auc" not in task_of(3).metrics(*sample(20, 3), 0)


def test_of_two_classes_the_second_is_the_positive_one():
    targets = Targets(np.array([0, 0, 1, 1]), "class", 2)
    section = task_of(2).metrics(targets, np.array([[0, -2], [0, 1.0], [0, 0.5], [0, 3.0]]), 0)
    # pairs (positive, negative) of scores 0.5, 3 against -2, 1: three of four are right
    assert section["roc_auc"]["value"] == pytest.approx(0.75)


def test_a_class_missing_from_the_test_split_is_left_out_of_averages_and_warned_about():
    targets = Targets(np.array([0, 0, 1, 1]), "class", 3)
    section = task_of(3).metrics(targets, np.eye(3)[[0, 0, 1, 0]] * 3, 0)
    assert section["balanced_accuracy"]["value"] == pytest.approx(0.75)  # (2/2 + 1/2) / 2
    assert section["per_class"]["c2"]["recall"]["value"] is None
    assert "recall of 'c2' has no interval: the class has no test example" in warnings_of(section)
    assert "precision of 'c2' has no interval: the class was never predicted" in warnings_of(section)


def test_one_class_in_the_test_split_cannot_be_ranked_and_says_so():
    targets = Targets(np.array([1, 1, 1]), "class", 2)
    section = task_of(2).metrics(targets, np.array([[0, 1.0], [0, 2.0], [1.0, 0]]), 0)
    assert section["roc_auc"]["value"] is None
    assert any("all of one class" in warning for warning in warnings_of(section))


def test_losses_that_are_all_alike_have_no_interval():
    targets, _ = sample(10, 4)
    section = task_of(4).metrics(targets, np.zeros((10, 4)), 0)
    assert section["log_loss"]["value"] == pytest.approx(math.log(4)) and section["log_loss"]["low"] is None


def test_the_same_seed_gives_the_same_section_and_another_moves_the_calibration_interval_alone():
    targets, logits = sample(80, 3)
    first, again, other = (task_of(3).metrics(targets, logits, seed) for seed in (1, 1, 2))
    assert first == again
    assert {name for name in first if first[name] != other[name]} <= {"ece"}


@given(st.integers(0, 1000))
def test_the_order_of_examples_is_irrelevant(seed):
    targets, logits = sample(25, 3, seed)
    order = np.random.default_rng(seed).permutation(25)
    task = task_of(3, "macro_f1")
    first = task.metrics(targets, logits, 0)
    second = task.metrics(targets.take(order), logits[order], 0)
    for name in PLAIN:
        for key in ("value", "low", "high"):
            assert first[name][key] == pytest.approx(second[name][key], rel=1e-9, abs=1e-12), (name, key)


@pytest.mark.parametrize("primary", ["accuracy", "macro_f1"])
def test_the_mean_score_is_the_primary_metric(primary):
    targets, logits = sample(60, 4)
    task = task_of(4, primary)
    assert task.scores(targets, logits).mean() == pytest.approx(task.metrics(targets, logits, 0)[primary]["value"])


# --- comparing two models


@pytest.mark.parametrize("primary", ["accuracy", "macro_f1"])
def test_a_comparison_holds_the_other_and_the_paired_difference(primary):
    targets, logits = sample(120, 4)
    _, other = sample(120, 4, seed=0, strength=0.5)
    task = task_of(4, primary)
    found = task.compare(targets, logits, other, 0)
    mine, theirs = (task.metrics(targets, z, 0)[primary] for z in (logits, other))
    assert found[primary] == theirs
    assert found["difference"]["value"] == pytest.approx(mine["value"] - theirs["value"])
    assert found["difference"]["low"] > 0 or found["difference"]["low"] < found["difference"]["value"]


@pytest.mark.parametrize("primary", ["accuracy", "macro_f1"])
def test_pairing_makes_the_difference_of_two_similar_models_narrow(primary):
    targets, logits = sample(300, 3)
    nearly = logits.copy()
    nearly[:4] = nearly[:4, ::-1]
    task = task_of(3, primary)
    difference = task.compare(targets, logits, nearly, 0)["difference"]
    alone = task.metrics(targets, logits, 0)[primary]
    assert difference["high"] - difference["low"] < 0.5 * (alone["high"] - alone["low"])


def test_an_accuracy_difference_by_hand():
    targets = Targets(np.zeros(4, np.int64), "class", 2)
    right, wrong = np.array([1.0, 0]), np.array([0, 1.0])
    found = task_of(2).compare(targets, np.array([right] * 3 + [wrong]), np.array([right, wrong, wrong, right]), 0)
    # only the first is right on rows 1 and 2, only the second on row 3: (2 - 1) / 4
    assert found["difference"]["value"] == 0.25 and found["accuracy"]["value"] == 0.5


def test_confusion_counts_by_hand():
    targets = Targets(np.array([0, 0, 1]), "class", 2)
    found = task_of(2).sections(targets, np.array([[1.0, 0], [0, 1.0], [0, 1.0]]), 0)
    assert found["confusion"] == {"class_names": ["c0", "c1"], "counts": [[1, 1], [0, 1]]}


def test_the_surest_mistakes_come_first():
    targets = Targets(np.array([0, 1, 0, 1]), "class", 2)
    logits = np.log([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.4, 0.6]])  # rows 1 and 2 are wrong
    first, second = task_of(2).worst(targets, logits, 5)
    assert (first.row, first.target, first.prediction, first.sure) == (2, "c0", "c1", pytest.approx(0.8))
    assert (second.row, second.sure) == (1, pytest.approx(0.7))
    assert task_of(2).worst(targets, logits, 1) == [first]


# --- what must hold before anything is learned


def test_one_class_or_classes_that_train_lacks_are_refused_with_the_nearest_name():
    cats = np.array(["cat", "dog"], object)
    with pytest.raises(DataError, match="at least two classes"):
        classification.check(cats[:1], {})
    with pytest.raises(DataError, match=r"the test split .* also holds \['dogs'\]. Did you mean 'dog'\?"):
        classification.check(cats, {"val": cats, "test": np.array(["dogs", "cat"], object)})
    classification.check(cats, {"test": cats[:1]})


def test_what_stands_out_is_said():
    train = np.array(["cat", "cat", "dog", "emu", "emu"], object)
    found = classification.notes(train, {"test": np.array(["cat"], object)})
    assert found == [
        "classes with one example, which cannot be tested: dog",
        "classes that the test split lacks: dog, emu",
    ]
    assert classification.describe(train) == "3 classes"
    assert classification.strata(train).tolist() == [0, 0, 1, 2, 2]


# --- what is refused


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_logits_that_are_not_finite_are_refused(bad):
    targets, logits = sample(5, 3)
    logits[3, 1] = bad
    for call in (
        lambda: task_of(3).predictions(logits),
        lambda: task_of(3).loss(targets, logits),
        lambda: task_of(3).metrics(targets, logits, 0),
        lambda: task_of(3).compare(targets, np.zeros((5, 3)), logits, 0),
    ):
        with pytest.raises(HeadstartError, match=r"1 of 5 rows hold NaN or infinity, row 3 first"):
            call()


@pytest.mark.parametrize("shape", [(5, 2), (4, 3), (5,)])
def test_logits_of_another_shape_are_refused(shape):
    targets, _ = sample(5, 3)
    with pytest.raises(ShapeError, match=r"must have shape \(5, 3\)"):
        task_of(3).metrics(targets, np.zeros(shape), 0)


def test_importing_the_task_brings_neither_scipy_nor_torch_along():
    import subprocess
    import sys

    code = (
        f"import sys, {classification.__name__}; sys.exit(any(m in sys.modules for m in ('scipy', 'torch', 'sklearn')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


example = grades
