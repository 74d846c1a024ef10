from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from headstart.backbones.fitted import tfidf
from headstart.backbones.fitted.tfidf import PLUGIN, TfidfConfig, runs_of, word_terms
from headstart.core.text_content import pair_bytes

TEXTS = [
    "How do I locate my card?",
    "Where is my card?? It's late, my card!",
    "Größer als zuvor: naïve café",
    "C1=CC=C(C=C1)C(=O)O",
    "日本語のテキスト and more",
    "a",
    "my my my card",
    "I am",
]
CONTENTS = [text.encode() for text in TEXTS]


def features(fitted_on, seen=None, **config):
    backbone = PLUGIN.build(TfidfConfig(**config))
    return backbone.transform(backbone.fit(fitted_on), seen if seen is not None else fitted_on)


@pytest.mark.parametrize("min_texts", [1, 2])
def test_numbers_are_those_of_scikit_learn(min_texts):
    from sklearn.feature_extraction.text import TfidfVectorizer

    common = {"sublinear_tf": True, "min_df": min_texts, "dtype": np.float64}
    words = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\w+|[^\w\s]", **common)
    runs = TfidfVectorizer(ngram_range=(2, 5), analyzer="char_wb", **common)
    seen = [*TEXTS, "never seen words", "my card is late"]
    words.fit(TEXTS)
    runs.fit(TEXTS)
    expected = sparse.hstack([words.transform(seen), runs.transform(seen)]).toarray() / np.sqrt(2)
    found = features(CONTENTS, [text.encode() for text in seen], min_texts=min_texts)
    assert found.dtype == np.float32 and found.indices.dtype == np.int32 and found.format == "csr"
    assert found.toarray() == pytest.approx(expected, abs=1e-6)


def test_one_word_by_hand():
    # Two texts, terms in one of them: rarity ln(3 / 2) + 1; in both: ln(3 / 3) + 1 = 1.
    backbone = PLUGIN.build(TfidfConfig(min_texts=1))
    arrays = backbone.fit([b"b b a", b"a"])
    assert arrays["words"].tobytes().decode().split("\0") == ["a", "b", "b a", "b b"]
    rare = np.log(1.5) + 1
    assert arrays["words_rarity"] == pytest.approx([1, rare, rare, rare])
    row = np.array([1, (1 + np.log(2)) * rare, rare, rare])
    found = backbone.transform(arrays, [b"b b a"]).toarray()[0, :4]
    assert found == pytest.approx(row / np.linalg.norm(row) / np.sqrt(2), abs=1e-6)


def test_runs_are_inside_words():
    assert runs_of("ab") == [" a", "ab", "b ", " ab", "ab ", " ab "]
    assert runs_of("abcd")[-2:] == [" abcd", "abcd "]


def test_words_of_the_second_text_of_a_pair_are_their_own():
    assert word_terms(["a b", "a"]) == ["a", "b", "a b", "\x02a"]
    both = [pair_bytes("one", "two"), pair_bytes("two", "one"), pair_bytes("one", "two")]
    first, second, third = features(both).toarray()
    assert np.array_equal(first, third) and not np.array_equal(first, second)


def test_terms_of_too_few_texts_are_left_out_unless_none_would_remain():
    backbone = PLUGIN.build(TfidfConfig(min_texts=2))
    assert backbone.fit([b"aa bb", b"aa cc"])["words"].tobytes() == b"aa"
    assert backbone.fit([b"aa", b"bb"])["words"].tobytes() == b"aa\0bb"


def test_the_most_frequent_terms_are_kept():
    contents = [b"x y", b"x y", b"x z", b"w z"]
    assert PLUGIN.build(TfidfConfig(max_terms=2, min_texts=1)).fit(contents)["words"].tobytes() == b"x\0x y"


def test_rows_have_length_1_and_are_0_where_nothing_is_known():
    found = features(CONTENTS, [*CONTENTS, b"\xe2\x98\x83", b""])
    lengths = np.sqrt(found.multiply(found).sum(axis=1))
    assert (lengths <= 1 + 1e-6).all() and lengths[0] == pytest.approx(1) and lengths[-1] == 0
    assert features(CONTENTS, []).shape == (0, found.shape[1])


def test_a_row_does_not_depend_on_the_others():
    together = features(CONTENTS, CONTENTS * 3)
    for i, content in enumerate(CONTENTS):
        assert np.array_equal(features(CONTENTS, [content]).toarray()[0], together.toarray()[i + len(CONTENTS)])


@pytest.mark.parametrize("chunk", [1, 3])
def test_chunks_and_forgotten_words_change_nothing(monkeypatch, chunk):
    expected = features(CONTENTS).toarray()
    monkeypatch.setattr(tfidf, "CHUNK", chunk)
    monkeypatch.setattr(tfidf, "KNOWN_WORDS", 2)
    assert np.array_equal(features(CONTENTS).toarray(), expected)


def test_case_encodings_and_composition_do_not_matter():
    found = features([*CONTENTS, "Straße café".encode()], ["CAFÉ".encode("cp1252"), "cafe\u0301".encode("utf-16")])
    assert np.array_equal(found.toarray()[0], found.toarray()[1]) and found.nnz > 0


def test_very_many_texts_are_read_in_part(monkeypatch):
    monkeypatch.setattr(tfidf, "FIT_CHARACTERS", 100)
    backbone = PLUGIN.build(TfidfConfig(min_texts=1))
    rows = backbone._fitted_on([b"x" * 10] * 100)
    assert rows.tolist() == list(range(0, 100, 10))
    assert backbone._fitted_on([b"x"] * 100).tolist() == list(range(100))
    assert len(backbone._fitted_on([])) == 0


def test_terms_seen_once_are_forgotten_where_there_are_too_many(monkeypatch):
    monkeypatch.setattr(tfidf, "MOST_TERMS", 3)
    assert PLUGIN.build(TfidfConfig()).fit([b"a b", b"a c", b"a d", b"a e"])["words"].tobytes() == b"a"


def test_only_the_beginning_of_a_long_text_is_read():
    assert PLUGIN.build(TfidfConfig(min_texts=1, characters=3)).fit([b"a b c d e"])["words"].tobytes() == b"a\0a b\0b"


def test_arrays_are_plain_and_no_training_package_is_needed():
    backbone = PLUGIN.build(PLUGIN.config())
    arrays = backbone.fit(CONTENTS)
    assert {name: array.dtype.kind for name, array in arrays.items()} == {
        "words": "u",
        "words_rarity": "f",
        "characters": "u",
        "characters_rarity": "f",
    }
    assert json.loads(json.dumps(backbone.to_dict()))["name"] == "tfidf"
    code = (
        "import sys; from headstart.backbones.fitted.tfidf import PLUGIN; b = PLUGIN.build(PLUGIN.config());"
        "b.transform(b.fit([b'a b', b'a c']), [b'a']);"
        "sys.exit(any(name in sys.modules for name in ('torch', 'sklearn', 'tokenizers')))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@settings(deadline=None, max_examples=60)
@given(st.lists(st.binary(max_size=30) | st.text(max_size=30).map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_any_bytes_have_features(contents):
    found = features(contents, [*contents, b"other"])
    assert found.shape[0] == len(contents) + 1 and np.isfinite(found.data).all() and (found.data > 0).all()
