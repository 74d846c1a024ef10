from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.helpers_text import keys_of, preparer
from headstart.core.errors import ShapeError
from headstart.data import similar_sets
from headstart.data.text_duplicates import ELEMENTS, LENGTH, SAME, fingerprint, near_duplicate_groups


def prepared(rows, segments=None, length=None):
    """Token numbers as prepared texts of one length."""
    length = length or max(map(len, rows))
    batch = np.full((len(rows), length, 2), -1, np.int32)
    for i, row in enumerate(rows):
        batch[i, : len(row), 0] = row
        batch[i, : len(row), 1] = segments[i] if segments else 0
    return batch


def groups(rows, **options):
    marks = fingerprint(prepared(rows, **options))
    return near_duplicate_groups(keys_of([b"%d" % i for i in range(len(rows))]), marks).tolist()


def filler(n, seed=0, low=1000):
    """Other texts, so that rare and frequent words differ: each has the words 1 to 9 and ten of its own."""
    rng = np.random.default_rng(seed)
    return [[*range(1, 10), *rng.integers(low, 30_000, 10).tolist()] for _ in range(n)]


def elements(row):
    """By the definition, with explicit loops: tokens with their place among repeats, and pairs of neighbours."""
    found, seen = set(), {}
    for token in row:
        found.add((token, "repeat", seen.get(token, 0)))
        seen[token] = seen.get(token, 0) + 1
    return found | {(a, "before", b) for a, b in zip(row, row[1:], strict=False)}


def slow_groups(rows):
    distinct = [set(one) for one in {frozenset(elements(row)) for row in rows}]
    n = len(distinct)

    def rarity(element):
        return math.log1p(n / sum(element in one for one in distinct))

    def weight(element):
        a, kind, b = element
        if kind == "repeat":
            return rarity(element)
        return 0.5 * min(rarity((a, "repeat", 0)), rarity((b, "repeat", 0)))

    def total(some):
        return sum(map(weight, some))

    sets = [elements(row) for row in rows]
    label = list(range(len(rows)))
    for i in range(len(rows)):
        for j in range(i):
            both, either = total(sets[i] & sets[j]), total(sets[i] | sets[j])
            if both >= SAME * either - 1e-9:
                old, new = max(label[i], label[j]), min(label[i], label[j])
                label = [new if value == old else value for value in label]
    return label


def numbered(labels):
    seen = {}
    return [seen.setdefault(label, len(seen)) for label in labels]


@pytest.mark.parametrize("seed", range(4))
def test_groups_are_those_of_the_definition(seed):
    rng = np.random.default_rng(seed)
    originals = [rng.zipf(1.5, rng.integers(4, 20)).clip(1, 200).tolist() for _ in range(25)]
    rows = []
    for original in originals:
        rows.append(original)
        for _ in range(rng.integers(0, 4)):
            changed = list(original)
            place = int(rng.integers(len(changed)))
            kind = rng.integers(3)
            if kind == 0:
                changed.insert(place, int(rng.integers(1, 5)))
            elif kind == 1:
                del changed[place]
            rows.append(changed)
    found = groups(rows)
    assert found == numbered(slow_groups(rows)) and 20 < len(set(found)) < len(rows)


def test_a_frequent_word_more_is_the_same_text_and_another_rare_one_is_not():
    text = [*range(1, 9), 100, 101, 102, 103]
    rows = [text, [*text, 9], [*text[:-1], 104], *filler(500)]
    assert groups(rows)[:3] == [0, 0, 1]


def test_templates_with_one_word_of_their_own_are_different():
    template = [11, 12, 13, 14, 15, 16]
    rows = [[*template, 1000 + i, 17] for i in range(200)]
    assert len(set(groups(rows))) == 200


def test_how_often_a_word_comes_counts():
    assert groups([[1, *[2] * 3], [1, *[2] * 12], [1, *[2] * 3], *filler(20)])[:3] == [0, 1, 0]


def test_the_sides_of_a_pair_are_not_mixed_up():
    rows = [[5, 6, 7, 8, 9, 10]] * 2 + [[8, 9, 10, 5, 6, 7]]
    sides = [[0, 0, 0, 1, 1, 1]] * 3
    assert groups(rows, segments=sides) == [0, 0, 1]
    assert groups([rows[0], rows[0]], segments=[[0] * 6, [0] * 3 + [1] * 3]) == [0, 1]


def test_equal_bytes_are_one_group_whatever_the_fingerprint_says():
    keys = keys_of([b"a", b"b", b"a"])
    assert near_duplicate_groups(keys, fingerprint(prepared([[1, 2], [3, 4], [5, 6]]))).tolist() == [0, 1, 0]


def test_padding_and_neighbours_in_the_batch_change_no_fingerprint():
    rows = filler(7)
    together = fingerprint(prepared(rows, length=32))
    for row, mark in zip(rows, together, strict=True):
        assert np.array_equal(fingerprint(prepared([row]))[0], mark)
    assert together.shape == (7, LENGTH) and together.dtype == np.float32


def test_a_short_text_is_kept_whole_and_a_long_one_in_128_elements():
    mark = fingerprint(prepared([[7, 8, 7]]))[0].reshape(-1, 2)
    assert {tuple(pair) for pair in mark.astype(int) if pair[0] >= 0} == {(7, -1), (7, -2), (8, -1), (7, 9), (8, 8)}
    long = fingerprint(prepared([list(range(500))]))[0].reshape(-1, 2)
    assert (long[:, 0] >= 0).all() and len({tuple(pair) for pair in long}) == ELEMENTS


def test_the_largest_vocabularies_and_segments_are_exact():
    marks = fingerprint(prepared([[(1 << 20) - 1, (1 << 20) - 2]], segments=[[14, 14]]))
    assert marks.max() == 15 * (1 << 20) - 1 < 1 << 24


def test_long_texts_with_small_changes_are_found_and_others_are_not():
    rng = np.random.default_rng(0)
    long = [rng.integers(0, 20_000, 250).tolist() for _ in range(40)]
    copies = [[*row[:100], *row[102:]] for row in long]
    halves = [[*row[:125], *rng.integers(0, 20_000, 125).tolist()] for row in long]
    found = groups([*long, *copies, *halves])
    assert found[:40] == list(range(40)) and sum(a == b for a, b in zip(found[:40], found[40:80], strict=True)) >= 39
    assert len(set(found[80:]) - set(found[:80])) == 40


def test_groups_do_not_depend_on_the_order_of_the_texts():
    rng = np.random.default_rng(6)
    rows = filler(30) + [[*row[:4], *row[5:]] for row in filler(30)]
    order = rng.permutation(60)
    plain, shuffled = np.array(groups(rows)), np.array(groups([rows[i] for i in order]))
    together = plain[:, None] == plain[None, :]
    assert np.array_equal(together[np.ix_(order, order)], shuffled[:, None] == shuffled[None, :])


@pytest.mark.parametrize("chunk", [1, 7, 1 << 16])
def test_chunks_change_nothing(monkeypatch, chunk):
    rows = [[1, 2, 3, 4, 5, 6, 7, 8, 9, 100 + i % 5, 200 + i % 3] for i in range(40)]
    expected = numbered(slow_groups(rows))
    monkeypatch.setattr(similar_sets, "CHUNK", chunk)
    assert groups(rows) == expected


def test_case_and_white_space_are_the_tokenizers_business():
    texts = [b"The cat sat on the mat.", b"the CAT  sat on\nthe mat .", b"The cat sat not on the mat."]
    marks = np.concatenate([fingerprint(preparer().prepare(text)[None]) for text in texts])
    assert near_duplicate_groups(keys_of(texts), marks).tolist() == [0, 0, 1]


def test_no_texts_and_one_text():
    assert near_duplicate_groups(np.zeros((0, 32), np.uint8), np.zeros((0, LENGTH), np.float32)).tolist() == []
    assert groups([[5]]) == [0]


def test_wrong_shapes_are_refused():
    with pytest.raises(ShapeError, match=r"\(B, T, 2\)"):
        fingerprint(np.zeros((2, 8), np.int32))
    with pytest.raises(ShapeError, match=r"shape \(2, 256\); got \(3, 256\)"):
        near_duplicate_groups(keys_of([b"a", b"b"]), np.zeros((3, LENGTH), np.float32))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(0, 12), min_size=1, max_size=8), min_size=1, max_size=12))
def test_any_texts_are_grouped_by_the_definition(rows):
    assert groups(rows) == numbered(slow_groups(rows))


@pytest.mark.slow
def test_a_hundred_thousand_texts_and_their_copies():
    rng = np.random.default_rng(0)
    rows = rng.zipf(1.3, (100_000, 14)).clip(1, 30_000)
    rows[-200:] = rows[:200]
    rows[-200:, 0] = 1
    assert len(set(groups(rows.tolist()))) > 90_000
