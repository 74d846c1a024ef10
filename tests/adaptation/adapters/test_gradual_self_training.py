"""Along a path a head follows what turns; at once it is lost."""

from dataclasses import replace

import numpy as np
import pytest

from adaptation.helpers_adaptation import SOLVER, accuracy, outputs_of, shifted
from headstart.adaptation.adapters.gradual_self_training import SHARE, GradualSelfTraining
from headstart.adaptation.adapters.self_training import SelfTraining
from headstart.adaptation.domains import Unlabeled
from headstart.core.config import Config
from headstart.core.errors import DataError
from headstart.core.learning import Targets
from headstart.evaluation.softmax import softmax

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def turning():
    """Domains with a path, what the target rows are, and the head that followed it."""
    domains, truth = shifted("turning")
    return domains, truth, GradualSelfTraining(Config()).adapt(domains, SOLVER, RNG)


def test_step_by_step_it_is_right_where_one_step_is_wrong_on_nearly_all(turning):
    domains, truth, found = turning
    at_once = SelfTraining(Config()).adapt(domains, SOLVER, RNG)
    assert accuracy(domains.start, truth) < 0.1  # a third of the circle: each class is where another was
    assert accuracy(outputs_of(at_once, domains), truth) < 0.1
    assert accuracy(outputs_of(found, domains), truth) > 0.95


def test_without_the_windows_between_or_in_another_order_it_is_lost_too(turning):
    domains, truth, _ = turning
    for path in ((), domains.path[::-1], domains.path[-2:]):
        found = GradualSelfTraining(Config()).adapt(replace(domains, path=path), SOLVER, RNG)
        assert accuracy(outputs_of(found, domains), truth) < 0.3


def test_every_head_learns_from_the_surest_nine_tenths_of_each_class_of_its_window_alone(turning):
    domains, _, found = turning
    fitted = domains.head
    for window in (*domains.path, domains.target):  # the same, written out
        said = softmax(SOLVER.outputs(fitted, window.features))
        first, rows, labels = said.argmax(axis=1), [], []
        needed = {k: np.sort(said[first == k, k])[::-1][int(np.ceil(SHARE * (first == k).sum())) - 1] for k in range(3)}
        for row in range(len(window)):
            relative = [said[row, k] / needed[k] for k in range(3)]
            if max(relative) >= 1:
                rows.append(row)
                labels.append(int(np.argmax(relative)))
        fitted = SOLVER.fit(window.features[rows], Targets(np.array(labels), "class", 3))
    np.testing.assert_allclose(found.fitted.arrays["weight"], fitted.arrays["weight"], atol=1e-6)
    assert len(found.report["taught"]) == 11 and all(0.85 < each <= 1 for each in found.report["taught"])
    assert found.report["classes"] == 3 and found.is_beyond


def test_a_window_of_one_class_is_refused_with_a_clause(turning):
    domains, _, _ = turning
    same = Unlabeled(np.tile(domains.path[0].features[:1], (20, 1)))
    with pytest.raises(DataError, match="at least two classes, and all are of one"):
        GradualSelfTraining(Config()).adapt(replace(domains, path=(same,)), SOLVER, RNG)
