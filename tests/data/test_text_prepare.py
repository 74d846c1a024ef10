from __future__ import annotations

import builtins
import hashlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.helpers_text import WORDS, preparer, tokenizer_json
from headstart.core.errors import DataError, IntegrityError, MissingExtraError
from headstart.core.preprocessing import TextPreprocessing
from headstart.core.text_content import pair_bytes
from headstart.data.text_prepare import beginning, padded_length


def ids(text):
    return [WORDS.index(word) for word in text.split()]


def tokens(prepared):
    return prepared[prepared[:, 0] >= 0, 0].tolist()


def test_a_text_is_its_tokens_and_segments_padded_with_minus_one():
    prepared = preparer().prepare(b"The cat SAT")
    # [CLS] the cat sat [SEP] are five tokens, padded to six
    assert prepared.tolist() == [[2, 0], [15, 0], [16, 0], [17, 0], [3, 0], [-1, -1]]
    assert prepared.dtype == np.int32


def test_a_pair_has_two_segments():
    prepared = preparer().prepare(pair_bytes("a b", "c"))
    assert tokens(prepared) == ids("[CLS] a b [SEP] c [SEP]")
    assert prepared[:, 1].tolist() == [0, 0, 0, 0, 1, 1]


def test_every_position_knows_which_characters_it_comes_from():
    text = "The  cat SAT"
    places = preparer().places(text.encode())
    assert places[0] is None and places[-1] is None  # [CLS] and [SEP]
    assert [text[start:end] for _, start, end in places[1:-1]] == ["The", "cat", "SAT"]
    pair = preparer().places(pair_bytes("a b", "c"))
    assert [place and place[0] for place in pair] == [None, 0, 0, None, 1, None]


def test_a_prefix_is_nobodys_and_does_not_shift_the_text():
    with_prefix = preparer(prefix="the sat ")
    assert [place and place[1:] for place in with_prefix.places(b"cat")] == [None, None, None, (0, 3), None]


def test_the_stand_in_is_the_mask_else_the_unknown_token():
    found = preparer()
    assert found.stand_in == found.unknown_token == WORDS.index("[UNK]")


def test_max_tokens_counts_the_special_ones_and_the_longer_text_of_a_pair_is_cut_first():
    short = preparer(max_tokens=6)
    assert tokens(short.prepare(b"a b c d e f g")) == ids("[CLS] a b c d [SEP]")
    assert tokens(short.prepare(pair_bytes("a b c d e", "f"))) == ids("[CLS] a b [SEP] f [SEP]")
    assert tokens(short.prepare(pair_bytes("a", "b c d e"))) == ids("[CLS] a [SEP] b c [SEP]")
    assert short.prepare(b"a b c d e f g").shape == (6, 2)


def test_a_tokenizer_without_a_post_processor_works():
    plain = preparer(tokenizer_json(post_processor=False), max_tokens=4)
    assert tokens(plain.prepare(b"a b")) == ids("a b")
    assert tokens(plain.prepare(b"a b c d e")) == ids("a b c d")
    assert tokens(plain.prepare(pair_bytes("a b", "c"))) == ids("a b c")


def test_the_tokenizers_own_cutting_and_padding_are_switched_off():
    changed = tokenizer_json(enable_truncation={"max_length": 3}, enable_padding={"length": 128})
    assert preparer(changed).prepare(b"a b c d").tolist() == preparer().prepare(b"a b c d").tolist()


def test_a_text_without_any_token_is_refused():
    with pytest.raises(DataError, match="an empty text"):
        preparer().prepare(b" \n")
    from tokenizers import Tokenizer, models

    nothing = Tokenizer(models.WordLevel({"a": 0}, unk_token="[UNK]")).to_str().encode()
    with pytest.raises(DataError, match="finds no tokens"):
        preparer(nothing.replace(b'"[UNK]"', b'"a"').replace(b'"pre_tokenizer":null', SPLIT_ALL_AWAY)).prepare(b"x")


SPLIT_ALL_AWAY = b'"pre_tokenizer":{"type":"Split","pattern":{"Regex":"."},"behavior":"Removed","invert":false}'


def test_a_prefix_stands_before_each_text():
    assert tokens(preparer(prefix="one: ").prepare(b"a")) == ids("[CLS] one [UNK] a [SEP]")
    with_both = tokens(preparer(prefix="one ").prepare(pair_bytes("a", "b")))
    assert with_both == ids("[CLS] one a [SEP] one b [SEP]")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_files_in_other_encodings_are_decoded(encoding):
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "café": 1}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    assert tokens(preparer(tokenizer.to_str().encode()).prepare("café".encode(encoding))) == [1]


def test_lengths_are_few_and_never_shorter_than_the_text():
    settings = TextPreprocessing(step=2, max_tokens=250)
    lengths = [padded_length(n, settings) for n in range(1, 251)]
    assert all(length >= n for n, length in enumerate(lengths, start=1)) and lengths == sorted(lengths)
    assert set(lengths) == {*range(2, 33, 2), *range(48, 250, 16), 250}
    assert padded_length(3, TextPreprocessing(step=1)) == 3
    assert padded_length(33, TextPreprocessing(step=4, max_tokens=40)) == 40


def test_the_beginning_ends_at_a_white_space():
    assert beginning("one two three", 13) == "one two three"
    assert beginning("one two three", 9) == "one two"
    assert beginning("onetwothree", 5) == "onetw"
    assert beginning("a bcdefghijk", 8) == "a bcdefg"  # the space is too far back


def test_a_text_of_megabytes_is_cut_before_it_is_tokenized(monkeypatch):
    reader = preparer(max_tokens=8)
    text = "the cat sat on the mat. " * 200_000
    seen = []
    whole = reader._cutting
    reader._cutting = type("Spy", (), {"encode": lambda self, *texts: (seen.append(texts), whole.encode(*texts))[1]})()
    assert tokens(reader.prepare(text.encode())) == ids("[CLS] the cat sat on the mat [SEP]")
    assert len(seen[0][0]) <= 8 * 32
    assert 1_390_000 < reader.tokens(text.encode()) < 1_410_000  # estimated: 7 tokens a sentence and two special ones


def test_tokens_are_counted_whole():
    reader = preparer(max_tokens=4, prefix="one ")
    assert reader.tokens(b"a b c d e") == 8
    assert reader.tokens(pair_bytes("a b", "c")) == 8


def test_the_tokenizer_must_be_there_and_be_the_one_of_the_weights():
    from headstart.data.text_prepare import TextPreparer

    content = tokenizer_json()
    right = hashlib.sha256(content).hexdigest()
    preparer(content, tokenizer_sha256=right)
    with pytest.raises(IntegrityError, match=f"sha256 {'0' * 64}; got {right}"):
        preparer(content, tokenizer_sha256="0" * 64)
    with pytest.raises(IntegrityError, match="must come with tokenizer.json; it has no such file"):
        TextPreparer(TextPreprocessing(), {})
    with pytest.raises(IntegrityError, match="tokenizer.json must be a tokenizer that"):
        preparer(b'{"version": "9"}')


def test_without_the_package_the_extra_is_named(monkeypatch):
    content, real = tokenizer_json(), builtins.__import__

    def fake(name, *args, **kwargs):
        if name == "tokenizers":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", fake)
    with pytest.raises(MissingExtraError, match=r"pip install 'headstart\[text\]'"):
        preparer(content)


def test_the_address_holds_what_decides_the_tokens():
    address = preparer().address()
    assert address["preprocessing"]["max_tokens"] == 256 and address["decoder"].startswith("tokenizers-")
    others = [preparer(max_tokens=9), preparer(tokenizer_json(post_processor=False)), preparer(prefix="a ")]
    assert all(other.address() != address for other in others) and preparer().address() == address


def test_threads_change_nothing():
    reader = preparer()
    texts = [" ".join(WORDS[4 + (i * k) % 18] for k in range(1, 3 + i % 9)).encode() for i in range(400)]
    alone = [reader.prepare(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(reader.prepare, texts))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


READER = preparer(max_tokens=16)


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_tokens_or_refused(content):
    try:
        prepared = READER.prepare(content)
    except DataError as error:
        assert str(error) in {"an empty text", "a text in which the tokenizer finds no tokens"}
        return
    is_padding = prepared[:, 0] < 0
    assert 2 <= len(prepared) <= 16 and not is_padding[0]
    assert np.array_equal(is_padding, prepared[:, 1] < 0) and np.array_equal(is_padding, np.sort(is_padding))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(WORDS[4:]), min_size=1, max_size=40), st.sampled_from([4, 7, 16, 64]))
def test_cutting_before_the_tokenizer_changes_nothing_that_fits(words, most):
    text = " ".join(words)
    prepared = preparer(max_tokens=most).prepare(text.encode())
    assert tokens(prepared) == [2, *ids(text)[: most - 2], 3]
