import numpy as np
import pytest

from headstart.core.learning import Targets
from headstart.postprocessing.answers import Answers
from headstart.postprocessing.domain import DETECTOR, learned_domain
from headstart.postprocessing.postprocessing import Postprocessing
from headstart.postprocessing.record import PostprocessingRecord
from headstart.tasks.classification import Classification, ClassificationConfig
from headstart.tasks.multilabel import Multilabel, MultilabelConfig

CLASSES = Classification(ClassificationConfig(class_names=("a", "b", "c")))
LABELS = Multilabel(MultilabelConfig(class_names=("a", "b", "c")))


def logits(*rows):
    return np.log(np.array(rows, float))


def record(**values):
    return Postprocessing(PostprocessingRecord(**values))


def cloud(n=200, seed=0):
    rng = np.random.default_rng(seed)
    classes = rng.integers(2, size=n)
    return rng.normal(size=(n, 4)) + 3 * classes[:, None], Targets(classes, "class", 2)


def with_domain():
    features, targets = cloud()
    arrays, facts = learned_domain(features, targets, np.arange(200), None, np.random.default_rng(0))
    assert facts["measure"] == DETECTOR
    return Postprocessing(PostprocessingRecord(out_of_domain=DETECTOR), arrays)


def test_the_default_changes_nothing_and_says_nothing():
    outputs = logits([0.5, 0.3, 0.2])
    assert Postprocessing().outputs(outputs, "class") is outputs
    assert Postprocessing().columns(CLASSES) == {} and Postprocessing().said(CLASSES, outputs, None) == {}
    assert tuple(Answers(CLASSES, Postprocessing()).columns) == CLASSES.prediction_columns


def test_sets_are_named_in_the_order_of_the_classes():
    post = record(set_thresholds=(0.25,))
    said = post.said(CLASSES, logits([0.1, 0.3, 0.6], [0.24, 0.24, 0.52], [0.26, 0.37, 0.37]), None)
    assert said == {"set": ["b|c", "c", "a|b|c"]} and post.columns(CLASSES) == {"set": "text"}


def test_thresholds_by_class_and_the_likeliest_is_always_in():
    post = record(set_thresholds=(0.05, 0.9, 0.9))
    assert post.said(CLASSES, logits([0.06, 0.5, 0.44]), None)["set"] == ["a|b"]


def test_sets_of_labels_may_be_empty():
    post = record(set_thresholds=(0.5,))
    assert post.said(LABELS, np.array([[-1.0, 0.0, 2.0], [-1, -1, -1]]), None)["set"] == ["b|c", ""]


def test_below_the_threshold_the_model_abstains():
    post = record(answer_from=0.6)
    answers = Answers(CLASSES, post)
    said = answers.said(logits([0.6, 0.3, 0.1], [0.59, 0.31, 0.1]))
    assert said["abstain"] == [False, True] and answers.columns["abstain"] == "flag"
    assert all(isinstance(value, bool) for value in said["abstain"])


def test_what_is_far_from_everything_learned_is_out_of_domain():
    post = with_domain()
    near, _ = cloud(seed=1)
    said = post.said(CLASSES, logits([0.6, 0.3, 0.1]), post.domain_p(np.full((1, 4), 50.0)))
    assert said["out_of_domain"] == [True] and said["out_of_domain_p"][0] == pytest.approx(1 / 201)
    assert np.mean(post.said(CLASSES, logits(*[[0.6, 0.3, 0.1]] * 200), post.domain_p(near))["out_of_domain"]) < 0.12


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda features: features[:30], "30 held-out examples are too few; 40 are needed"),
        (lambda features: np.where(features > 5, np.nan, features), "some features are missing"),
        (lambda features: np.zeros((200, 5000)), "5000 features are more than the 4096"),
    ],
)
def test_where_the_domain_cannot_be_learned_the_reason_is_given(change, why):
    features, targets = cloud()
    features = change(features)
    rows = np.arange(len(features))
    arrays, facts = learned_domain(features, targets.take(rows), rows, None, np.random.default_rng(0))
    assert arrays == {} and why in facts["why_not"]


def test_words_are_no_domain():
    from scipy.sparse import csr_array

    _, targets = cloud()
    arrays, facts = learned_domain(csr_array(np.eye(200)), targets, np.arange(200), None, np.random.default_rng(0))
    assert arrays == {} and "sparse" in facts["why_not"]


def test_rows_that_a_training_saw_are_no_reference():
    features, targets = cloud()
    unseen = np.arange(200) % 4 == 0
    arrays, facts = learned_domain(features, targets, np.arange(200), unseen, np.random.default_rng(0))
    assert facts["rows"] == 50 == len(arrays["domain.reference"])
    assert (np.diff(arrays["domain.reference"]) >= 0).all()


def test_gaps_are_none():
    class Numbers:
        kind, class_names, prediction_columns = "real", (), ("prediction", "low")

        def predictions(self, outputs):
            return {"prediction": outputs[:, 0], "low": np.full(len(outputs), np.nan)}

    said = Answers(Numbers(), Postprocessing()).said(np.array([[1.5]]))
    assert said == {"prediction": [1.5], "low": [None]}
    assert Answers(Numbers(), Postprocessing()).columns == {"prediction": "number", "low": "number"}
