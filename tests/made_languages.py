"""Texts in several scripts, and a tiny network with a unigram tokenizer as XLM-R has one."""

from __future__ import annotations

import json
import random
import unicodedata
import warnings
from pathlib import Path

# card, cash, loan: three words each
WORDS = {
    "en": (("card", "plastic", "blocked"), ("cash", "coins", "withdraw"), ("loan", "mortgage", "debt")),
    "de": (("Karte", "gesperrt", "Plastik"), ("Bargeld", "Münzen", "abheben"), ("Kredit", "Hypothek", "Schulden")),
    "ar": (("بطاقة", "محظورة", "بلاستيك"), ("نقود", "عملات", "سحب"), ("قرض", "رهن", "دين")),
    "th": (("บัตร", "พลาสติก", "ระงับ"), ("เงินสด", "เหรียญ", "ถอน"), ("เงินกู้", "จำนอง", "หนี้")),
    "zh": (("银行卡", "塑料", "冻结"), ("现金", "硬币", "取款"), ("贷款", "抵押", "债务")),
    "hi": (("कार्ड", "प्लास्टिक", "अवरुद्ध"), ("नकद", "सिक्के", "निकासी"), ("ऋण", "बंधक", "कर्ज़")),
}
FILLER = {
    "en": "my the please how today again",
    "de": "meine die bitte wie heute wieder",
    "ar": "من فضلك كيف اليوم مرة أخرى",
    "th": "ของฉัน กรุณา อย่างไร วันนี้ อีก",
    "zh": "我的 请 怎么 今天 又",
    "hi": "मेरा कृपया कैसे आज फिर से",
}
CLASSES = ("card", "cash", "loan")
UNSPACED = ("th", "zh")  # written without spaces between words
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
MASK = "<mask>"


def sentences(language: str, each: int, seed: int = 0) -> list[tuple[str, str]]:
    """(text, class), classes in turn; written without spaces where the language is."""
    rng = random.Random(f"{language} {seed}")
    found = []
    for _ in range(each):
        for words, name in zip(WORDS[language], CLASSES, strict=True):
            some = rng.sample(words, 2) + rng.choices(FILLER[language].split(), k=5)
            rng.shuffle(some)
            joint = "" if language in UNSPACED else " "
            found.append((joint.join(some) + f" {rng.randrange(1000)}", name))
    return found


def pieces() -> list[str]:
    """Words with their mark, letters of all scripts, and the mask in the end; as NFKC writes them: Thai am is two."""
    words = [word for groups in WORDS.values() for group in groups for word in group]
    words += [word for text in FILLER.values() for word in text.split()]
    words = [unicodedata.normalize("NFKC", word) for word in words]
    letters = sorted({letter for word in words for letter in word} | set("0123456789abcdefghijklmnopqrstuvwxyz"))
    marked = ["\u2581", *(f"\u2581{word}" for word in words)]
    return [*SPECIAL, *dict.fromkeys([*marked, *words, *letters]), MASK]


def unigram_tokenizer() -> str:
    """As JSON, with the normalisation, the marks of words and the ends of texts that XLM-R has."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    names = pieces()
    scores = [0.0] * len(SPECIAL) + [-2.0 if len(name) > 2 else -8.0 for name in names[len(SPECIAL) : -1]] + [0.0]
    tokenizer = Tokenizer(models.Unigram(list(zip(names, scores, strict=True)), unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens([AddedToken(each, special=True, normalized=False) for each in (*SPECIAL, MASK)])
    return str(tokenizer.to_str())


def make_language_model(folder: Path, seed: int = 0) -> Path:
    """A random XLM-R of two layers, 32 wide, as transformers saves one."""
    import torch
    import transformers

    config = transformers.XLMRobertaConfig(
        vocab_size=len(pieces()), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=48,
        max_position_embeddings=66, type_vocab_size=1, pad_token_id=1, bos_token_id=0, eos_token_id=2,
    )  # fmt: skip
    with torch.random.fork_rng(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(seed)
        model = transformers.XLMRobertaModel(config)
        model.embeddings.word_embeddings.weight.data.normal_()  # so that words differ as much as learned ones do
        model.save_pretrained(folder)
    (folder / "tokenizer.json").write_text(unigram_tokenizer(), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 64}))
    return folder
