"""What browsers make of texts is what ``reader.py`` makes of them, in Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib.resources import files

import pytest

from headstart.exporting.parts.terms import terms
from headstart.exporting.parts.text import tokens
from headstart.exporting.reader import PARTS

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="Node runs the module that browsers get")
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
SCRIPT = """
import * as made from {module};
import {{ readFileSync }} from "node:fs";
const {{ asked, texts }} = JSON.parse(readFileSync(0, "utf8"));
globalThis.fetch = async (url) => ({{ json: async () => JSON.parse(readFileSync(url, "utf8")) }});
const assets = await made.prepared(asked, {folder});
const found = [];
for (const text of texts) found.push(await made.tensor(text, asked, assets));
console.log(JSON.stringify(found.map(({{ data, dims }}) => [Array.from(data), dims])));
"""


def in_node(module, folder, asked):
    script = SCRIPT.format(
        module=json.dumps(files(PARTS).joinpath(module).as_uri()), folder=json.dumps(folder.as_uri() + "/")
    )
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", script],
        input=json.dumps({"asked": asked, "texts": TEXTS}), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def same(found, expected):
    for text, (data, dims), array in zip(TEXTS, found, expected, strict=True):
        assert dims == [1, *array.shape] and data == array.reshape(-1).tolist(), text


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
    found = in_node("wordpiece.mjs", tmp_path, asked)
    same(found, [tokens(text.encode(), {**asked, "folder": f"{tmp_path}/"}) for text in TEXTS])


def test_terms_are_counted_as_in_python(tmp_path):
    from exporting.helpers_models import fitted
    from headstart.exporting.handover import _terms

    arrays = fitted("tfidf", [text.encode() for text in (*TEXTS, *TEXTS)])[1]
    blocks = {name: _terms(arrays[name]) for name in ("words", "characters")}
    (tmp_path / "vocabulary.json").write_text(json.dumps(blocks))
    asked = {"vocabulary": "vocabulary.json", "characters": 500}
    found = in_node("terms.mjs", tmp_path, asked)
    expected = [terms(text.encode(), {**asked, "folder": f"{tmp_path}/"}) for text in TEXTS]
    assert max(len(each) for each in expected) > 64
    same(found, expected)
