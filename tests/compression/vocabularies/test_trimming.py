"""What a tokenizer with a smaller vocabulary makes of texts: the same pieces where these stayed, and never nothing."""

from __future__ import annotations

import json

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from headstart.compression.vocabularies.trimming import kept_for, renumbered, without
from headstart.core.errors import ConfigError
from made_texts import questions

TEXTS = [text for text, _ in questions(60)]
SPECIAL = ["<pad>", "<unk>", "<s>", "</s>"]


def wordpiece():
    made = Tokenizer(models.WordPiece(unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.train_from_iterator(TEXTS, trainers.WordPieceTrainer(vocab_size=160, special_tokens=SPECIAL))
    return made


def unigram():
    made = Tokenizer(models.Unigram())
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    made.train_from_iterator(TEXTS, trainers.UnigramTrainer(vocab_size=160, special_tokens=SPECIAL, unk_token="<unk>"))
    return made


def bpe():
    made = Tokenizer(models.BPE(unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made.train_from_iterator(TEXTS, trainers.BpeTrainer(vocab_size=160, special_tokens=SPECIAL))
    return made


def bytes_bpe():
    made = Tokenizer(models.BPE())
    made.normalizer = normalizers.NFC()
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(TEXTS, trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet))
    made.add_special_tokens(SPECIAL)  # outside the model's own vocabulary
    return made


def finished(made):
    """With marks around texts and with padding, both by number."""
    numbers = [(name, made.token_to_id(name)) for name in ("<s>", "</s>")]
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B:1 </s>:1", special_tokens=numbers
    )
    made.enable_padding(pad_id=made.token_to_id("<pad>"), pad_token="<pad>")
    return made.to_str().encode()


@pytest.fixture(scope="module", params=[wordpiece, unigram, bpe, bytes_bpe], ids=lambda each: each.__name__)
def content(request):
    return finished(request.param())


def read(content):
    return tokenizers.Tokenizer.from_str(content.decode())


def used(content, texts):
    return {number for text in texts for number in read(content).encode(text).ids}


some_texts = st.lists(st.sampled_from(TEXTS) | st.text(max_size=12), max_size=4)


@given(some_texts, some_texts)
@settings(max_examples=60, deadline=None)
def test_texts_of_pieces_that_stayed_are_read_as_before_and_all_others_with_pieces_that_stayed(content, known, new):
    whole, kept = read(content), kept_for(content, used(content, known))
    small, hidden, order = read(renumbered(content, kept)), read(without(content, kept)), sorted(kept)
    for text in [*known, *new]:
        before, now = whole.encode(text), small.encode(text)
        assert hidden.encode(text).ids == [order[number] for number in now.ids]  # every number is one that stayed
        assert hidden.encode(text).tokens == now.tokens
        if set(before.ids) <= kept:
            assert now.tokens == before.tokens and now.offsets == before.offsets
    assert small.get_vocab_size() == len(kept)


@given(some_texts)
@settings(max_examples=30, deadline=None)
def test_nothing_becomes_unknown(content, new):
    whole, small = read(content), read(renumbered(content, kept_for(content, [])))
    for text in new:
        unknown = [each.encode(text).tokens.count("<unk>") for each in (whole, small)]
        assert unknown[0] == unknown[1]


def test_few_texts_need_fewer_pieces_than_many_and_what_is_kept_needs_no_more(content):
    few, many = (kept_for(content, used(content, TEXTS[:count])) for count in (1, 60))
    assert few < many <= set(range(read(content).get_vocab_size()))
    assert kept_for(content, few) == few


def test_marks_and_padding_follow_their_tokens(content):
    made = read(renumbered(content, kept_for(content, [])))
    first, second = made.encode_batch(["card", "a stolen card"])
    assert first.tokens[0] == "<s>" and second.tokens[-1] == "</s>"
    assert first.tokens[-1] == "<pad>" and first.ids[-1] == made.token_to_id("<pad>")
    pair = made.encode("card", "loan")
    assert pair.tokens.count("</s>") == 2 and pair.type_ids[-1] == 1


def test_marks_of_older_files_follow_too():
    document = json.loads(finished(wordpiece()))
    for kind in ("BertProcessing", "RobertaProcessing"):
        marks = {"type": kind, "sep": ["</s>", 3], "cls": ["<s>", 2], "trim_offsets": True, "add_prefix_space": False}
        document["post_processor"] = {"type": "Sequence", "processors": [marks]}
        document["added_tokens"] = document["added_tokens"][1:]  # "<pad>" is padding alone
        made = json.loads(renumbered(json.dumps(document).encode(), kept_for(json.dumps(document).encode(), [])))
        vocabulary = made["model"]["vocab"]
        (told,) = made["post_processor"]["processors"]
        assert told["sep"] == ["</s>", vocabulary["</s>"]] and told["cls"] == ["<s>", vocabulary["<s>"]]
        assert made["padding"]["pad_id"] == vocabulary["<pad>"]
        document = json.loads(finished(wordpiece()))


def test_what_a_piece_was_merged_from_stays_with_it():
    model = models.BPE({"a": 0, "b": 1, "c": 2, "ab": 3, "bc": 4, "abc": 5}, [("a", "b"), ("b", "c"), ("ab", "c")])
    content = Tokenizer(model).to_str().encode()
    assert kept_for(content, [5]) == {0, 1, 2, 3, 5}
    assert json.loads(renumbered(content, kept_for(content, [5])))["model"]["merges"] == [["a", "b"], ["ab", "c"]]
    assert kept_for(content, [4]) == {0, 1, 2, 4}


def test_a_character_that_stands_nowhere_alone_keeps_its_pieces():
    vocabulary = {"[UNK]": 0, "a": 1, "##a": 2, "ab": 3, "##ba": 4, "aaa": 5}
    content = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]")).to_str().encode()
    assert kept_for(content, []) == {0, 1, 2, 3, 4}
    scores = [("<unk>", 0.0), ("a", -1.0), ("ab", -2.0), ("aa", -3.0), ("aaa", -9.0)]
    content = Tokenizer(models.Unigram(scores, 0)).to_str().encode()
    assert kept_for(content, []) == {0, 1, 2, 4}  # the last is the unlikeliest, by which unknown ones are counted


def test_whole_words_cannot_be_left_out():
    content = Tokenizer(models.WordLevel({"card": 0, "[UNK]": 1}, unk_token="[UNK]")).to_str().encode()
    with pytest.raises(ConfigError, match="WordLevel"):
        kept_for(content, [0])
