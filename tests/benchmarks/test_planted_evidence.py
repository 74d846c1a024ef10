"""What is planted lies where it is said to."""

from types import SimpleNamespace

import numpy as np
from planted_evidence import COLUMNS, DECISIVE, STAMP, WORDS, columns, planted_units, texts


def test_a_word_decides_and_its_place_is_told():
    made = texts(20, np.random.default_rng(0))
    for content, label, place in zip(made.contents, made.labels, made.places, strict=True):
        assert content.decode().split()[place] == WORDS[label]
        assert WORDS[1 - label] not in content.decode()


def test_one_column_follows_the_class_and_the_others_do_not():
    made = columns(400, np.random.default_rng(0))
    rows = np.stack(made.contents)
    agreement = [abs(np.corrcoef(rows[:, k], made.labels)[0, 1]) for k in range(COLUMNS)]
    assert int(np.argmax(agreement)) == DECISIVE and sorted(agreement)[-2] < 0.2


def test_a_cell_holds_a_stamp_where_half_of_it_does():
    units = SimpleNamespace(shape=(14, 14))
    assert (
        planted_units("image", units, (0, 0)).sum() == 4 * 4 - 1
    )  # three and a half cells of 16 pixels; of the corner a quarter
    found = planted_units("image", units, (16, 32))
    assert found[1:4, 2:5].all() and not found[0].any() and found.sum() * 256 <= 2 * STAMP**2
    assert planted_units("table", SimpleNamespace(shape=(8,)), 3).tolist() == [False] * 3 + [True] + [False] * 4
