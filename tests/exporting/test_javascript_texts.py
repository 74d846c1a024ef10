"""What browsers make of texts is what ``reader.py`` makes of them, in Node."""

from __future__ import annotations

import json

import numpy as np
import pytest

from exporting.helpers_node import in_node, needs_node
from headstart.exporting.parts.terms import terms
from headstart.exporting.parts.text import tokens
from made_texts import write_tokenizer

pytestmark = needs_node
TEXTS = [
    "Where is my card?",
    "Où est ma carte ? 12,50 €, naïve\tcafé\r\nZÜRICH",
    "カードはどこですか 卡片 [SEP] [CLS]x ２３ ½ x² snake_case",
    "under\u200bjoined e\u0301 \ufeffmark \x00\x07 bell \x85 next\x1cunit don't--stop… “quoted” 😀👍🏽 ok",
    "unbelievably " + "long" * 40 + " İstanbul ΣΑΣ ǅ " + "card " * 300,
    "a",
]
WORDS = (
    "[PAD] [UNK] [CLS] [SEP] where is my card ? the ou est ma carte ##s un ##believ ##ably 12 , 50 c ##af ##e a x 卡 "
    "ok long ##long"
).split()
PAIRS = [[one, other] for one in TEXTS for other in (TEXTS[1], TEXTS[-1], TEXTS[-2])] + [["", "only an answer"]]
CODE = """
const json = async (name) => JSON.parse(readFileSync(given.folder + name, "utf8"));
const assets = await made.prepared(given.asked, json);
const found = [];
for (const text of given.inputs) found.push(await made.tensor(text, given.asked, assets));
return found.map(({ data, dims }) => [Array.from(data), dims]);
"""


def same(module, read, folder, asked, inputs):
    """Both make the same tensors of texts and pairs; those that Python makes."""
    folder = f"{folder}/"
    found = in_node(module, CODE, {"folder": folder, "asked": asked, "inputs": inputs})
    expected = [read(_content(each), {**asked, "folder": folder}) for each in inputs]
    for text, (data, dims), array in zip(inputs, found, expected, strict=True):
        assert dims == [1, *array.shape] and data == array.reshape(-1).tolist(), text
    return expected


def _content(text):
    return (text if isinstance(text, str) else json.dumps(text)).encode()


@pytest.mark.parametrize("around", ["template", "bert"])
def test_word_pieces_are_those_of_the_tokenizer(tmp_path, around):
    import tokenizers
    from tokenizers import models, normalizers, pre_tokenizers, processors

    made = tokenizers.Tokenizer(
        models.WordPiece({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    made.normalizer, made.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    made.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    ends = [("[CLS]", 2), ("[SEP]", 3)]
    made.post_processor = (
        processors.TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", ends)
        if around == "template"
        else processors.BertProcessing(ends[1], ends[0])
    )
    made.save(str(tmp_path / "tokenizer.json"))
    settings = {"max_tokens": 64, "prefix": "the ", "step": 2}
    asked = {"tokenizer": "tokenizer.json", "preprocessing": settings}
    made_of_pairs = same("wordpiece.mjs", tokens, tmp_path, asked, [*TEXTS, *PAIRS])[len(TEXTS) :]
    assert max(len(each) for each in made_of_pairs) == 64 and {1} < set(np.concatenate(made_of_pairs)[:, 1])


def test_the_longer_text_of_a_pair_is_cut_first(tmp_path):
    write_tokenizer(tmp_path)
    lengths = [(0, 3), (3, 3), (4, 3), (3, 9), (9, 3), (9, 8), (8, 9), (30, 1), (1, 30), (30, 30)]
    pairs = [["a " * one, "b " * other] for one, other in lengths]
    for most in (4, 9, 12):
        settings = {"max_tokens": most, "prefix": "", "step": 1}
        same("wordpiece.mjs", tokens, tmp_path, {"tokenizer": "tokenizer.json", "preprocessing": settings}, pairs)


def test_terms_are_counted_as_in_python(tmp_path):
    from exporting.helpers_models import fitted
    from headstart.exporting.handover import _terms

    arrays = fitted("tfidf", [_content(each) for each in (*TEXTS, *TEXTS, *PAIRS)])[1]
    blocks = {name: _terms(arrays[name]) for name in ("words", "characters")}
    (tmp_path / "vocabulary.json").write_text(json.dumps(blocks))
    asked = {"vocabulary": "vocabulary.json", "characters": 500}
    of_texts = same("terms.mjs", terms, tmp_path, asked, [*TEXTS, *PAIRS])[: len(TEXTS)]
    assert max(len(each) for each in of_texts) > 64


def test_an_empty_text_is_refused():
    refused = "return made.tensor(given, { preprocessing: {} }, {}).then(() => 'taken', (error) => error.message)"
    for module in ("terms.mjs", "wordpiece.mjs"):
        for given in (" \t\x07", ["", " "]):
            assert in_node(module, refused, given) == "the text is empty"
