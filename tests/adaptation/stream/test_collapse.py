import numpy as np

from headstart.adaptation.stream.collapse import Collapse


def logits(answers, sure, classes=4):
    return sure * np.eye(classes)[np.asarray(answers)]


def test_a_stream_that_is_answered_as_before_is_no_collapse():
    watch, rng = Collapse(4), np.random.default_rng(0)
    for _ in range(20):
        batch = logits(rng.integers(0, 4, 32), 3.0)
        assert not watch.saw(batch, batch + rng.normal(scale=0.2, size=batch.shape))


def test_one_answer_to_everything_is_one():
    watch, rng = Collapse(4), np.random.default_rng(0)
    found = [watch.saw(logits(rng.integers(0, 4, 32), 3.0), logits([2] * 32, 3.0)) for _ in range(3)]
    assert found == [False, True, True]


def test_a_stream_of_one_class_is_no_collapse_where_the_network_as_it_was_says_so_too():
    watch = Collapse(4)
    assert not any(watch.saw(logits([1] * 32, 2.5), logits([1] * 32, 3.0)) for _ in range(6))


def test_answers_that_became_far_surer_are_one():
    watch, rng = Collapse(4), np.random.default_rng(0)
    found = []
    for _ in range(4):
        answers = rng.integers(0, 4, 32)
        found.append(watch.saw(logits(answers, 1.0), logits(answers, 30.0)))
    assert found[-1]
