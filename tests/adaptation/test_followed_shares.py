import numpy as np
import pytest

from headstart.adaptation.followed_shares import FEWEST, FollowedShares, followed
from headstart.core.errors import ConfigError
from headstart.postprocessing.answers import Answers
from headstart.postprocessing.postprocessing import Postprocessing
from headstart.tasks.classification import Classification, ClassificationConfig


def stream(rng, share, n):
    """Logits, right for even classes, of two classes 2 spreads apart; the second comes as often as ``share``."""
    classes = (rng.random(n) < share).astype(int)
    x = rng.normal(size=n) + 2.0 * classes
    return np.stack([np.zeros(n), 2.0 * x - 2.0], axis=1), classes


def test_shares_are_found_and_fewer_answers_are_wrong():
    rng = np.random.default_rng(0)
    shares = FollowedShares(np.array([0.5, 0.5]))
    wrong = np.zeros(2)
    for _ in range(40):
        outputs, classes = stream(rng, 0.9, 50)
        moved = shares.moved(outputs, None)
        wrong += [(each.argmax(axis=1) != classes).sum() for each in (outputs, moved)]
    assert shares.now[1] == pytest.approx(0.9, abs=0.05) and wrong[1] < 0.75 * wrong[0]


def test_a_stream_as_it_was_learned_is_hardly_touched():
    rng = np.random.default_rng(1)
    shares = FollowedShares(np.array([0.5, 0.5]))
    for _ in range(20):
        shares.moved(stream(rng, 0.5, 50)[0], None)
    assert abs(shares.now[1] - 0.5) < 0.06


def test_few_examples_and_strange_ones_change_nothing():
    rng = np.random.default_rng(2)
    shares = FollowedShares(np.array([0.5, 0.5]))
    outputs, _ = stream(rng, 0.95, FEWEST - 1)
    assert np.array_equal(shares.moved(outputs, None), outputs)
    strange = FollowedShares(np.array([0.5, 0.5]))
    outputs, _ = stream(rng, 0.95, 300)
    assert np.array_equal(strange.moved(outputs, np.where(np.arange(300) % 4 == 0, 0.01, 0.5)), outputs)
    assert strange.is_held


def test_memory_is_bounded():
    shares = FollowedShares(np.array([0.5, 0.5]))
    for _ in range(30):
        shares.moved(np.zeros((100, 2)), None)
    assert len(shares._latest) == 500


def test_a_bundle_without_a_reference_is_refused():
    task = Classification(ClassificationConfig(class_names=("a", "b")))
    with pytest.raises(ConfigError, match="Fit again"):
        followed(Answers(task, Postprocessing()))
