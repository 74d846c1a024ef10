import numpy as np
import pytest

from headstart.core.files import dump_json
from headstart.core.learning import Targets
from headstart.evidence.calibration import calibration_section, domain_section
from headstart.postprocessing.domain import learned_domain
from headstart.postprocessing.postprocessing import Postprocessing
from headstart.postprocessing.record import PostprocessingRecord
from headstart.tasks.classification import Classification, ClassificationConfig
from headstart.tasks.multilabel import Multilabel, MultilabelConfig
from headstart.tasks.regression import Regression, RegressionConfig

TASK = Classification(ClassificationConfig(class_names=("a", "b")))
TRUTH = Targets(np.array([0, 0, 1, 1]), "class", 2)
OUTPUTS = np.log(np.array([[0.9, 0.1], [0.7, 0.3], [0.6, 0.4], [0.05, 0.95]]))


def section(facts=None, **record):
    found = calibration_section(TASK, TRUTH, OUTPUTS, Postprocessing(PostprocessingRecord(**record)), facts or {})
    dump_json(found)
    return found


def test_both_kinds_of_sets_by_hand():
    facts = {"sets": {"ships": "split", "thresholds": {"split": [0.35], "class_conditional": [0.2, 0.5]}}}
    found = section(facts, set_thresholds=(0.35,))["sets"]
    assert found["split"]["coverage"]["value"] == 1 and found["split"]["sizes"] == [0, 3, 1]
    assert found["class_conditional"]["coverage"]["value"] == 0.75  # the third lacks b
    assert found["class_conditional"]["per_class"]["b"]["value"] == 0.5 and found["split"]["per_class"]["a"]["n"] == 2


def test_answers_by_hand():
    found = section(answer_from=0.65)
    assert found["abstaining"]["answered"]["value"] == 0.75 and found["abstaining"]["accuracy"]["value"] == 1
    assert [(bin_["n"], bin_["accuracy"]["value"]) for bin_ in found["reliability"]] == [(1, 0), (1, 1), (1, 1), (1, 1)]
    assert found["area_under_risk_coverage"] == pytest.approx((0 + 0 + 0 + 1 / 4) / 4)
    assert found["answered"][-1]["accuracy"]["value"] == 1


def test_what_was_not_chosen_is_absent():
    found = section({"why_not": "too few"})
    assert "sets" not in found and "abstaining" not in found and found["chosen"] == {"why_not": "too few"}


def test_labels_and_numbers_have_their_own():
    labels = Multilabel(MultilabelConfig(class_names=("a", "b")))
    truth = Targets(np.array([[1.0, 1.0], [0.0, 1.0]]), "multilabel", 2)
    facts = {"sets": {"ships": "labels", "thresholds": {"labels": [0.5]}}}
    found = calibration_section(labels, truth, np.array([[1.0, -1.0], [-1.0, 1.0]]), Postprocessing(), facts)
    assert found["sets"]["labels"]["kept"]["value"] == 0.75 and found["sets"]["labels"]["mean_size"]["value"] == 1
    numbers = Targets(np.array([1.0, 2.0]), "real", 1)
    assert calibration_section(
        Regression(RegressionConfig()), numbers, np.ones((2, 1)), Postprocessing(), {"why": "numbers"}
    ) == {"chosen": {"why": "numbers"}}


def test_the_share_out_of_domain_stands_beside_the_one_to_be_expected():
    rng = np.random.default_rng(0)
    features, targets = rng.normal(size=(200, 3)), Targets(np.zeros(200, int), "class", 2)
    arrays, _ = learned_domain(features, targets, np.arange(200), None, rng)
    post = Postprocessing(PostprocessingRecord(out_of_domain="mahalanobis"), arrays)
    strange = post.domain_p(np.concatenate([features[:10], np.full((10, 3), 40.0)]))
    found = domain_section(post.record, strange)
    assert found["expected"] == 0.05 and 0.5 <= found["flagged"]["value"] <= 0.6
