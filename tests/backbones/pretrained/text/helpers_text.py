"""Tiny model folders as transformers and sentence-transformers save them, with a tokenizer of fifty words."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import torch

from headstart.backbones.pretrained.family import family

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *(f"word{number}" for number in range(46))]


def tokenizer_json(words=WORDS, marks_ends=True) -> str:
    """One token per word; pairs in two segments."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    if marks_ends:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]",
            pair="[CLS] $A [SEP] $B:1 [SEP]:1",
            special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
        )
    return tokenizer.to_str()


def library_model(name: str, number: int = 0, cls=None, seed: int = 0):
    """transformers' own model of a family's small member, weights large enough that everything matters."""
    import transformers

    small = family(name).small[number]
    values = dict(small.options["config"])
    with torch.random.fork_rng(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(seed)
        config = transformers.AutoConfig.for_model(values.pop("model_type"), **values)
        model = cls._from_config(config) if cls else transformers.AutoModel.from_config(config)
        for value in model.parameters():
            value.data.add_(torch.randn_like(value) * 0.3)
    return model.eval()


def model_folder(folder: Path, name: str = "bert_like", number: int = 0, cls=None, **tokenizer) -> Path:
    """What save_pretrained leaves, and tokenizer.json."""
    model = library_model(name, number, cls)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.save_pretrained(folder)
    (folder / "tokenizer.json").write_text(tokenizer_json(**tokenizer))
    return folder


def sentence_files(folder: Path, pooling: dict, *more: dict, **files) -> Path:
    """What sentence-transformers adds; ``files`` by name without ".json"."""
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        *more,
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


def edited(path: Path, **changed) -> None:
    """Change keys of a JSON file; None takes a key away."""
    document = json.loads(path.read_text()) | changed
    path.write_text(json.dumps({key: value for key, value in document.items() if value is not None}))


def batch(*lengths: int, length: int | None = None, seed: int = 0) -> torch.Tensor:
    """Prepared texts of these lengths, padded to one."""
    generator = torch.Generator().manual_seed(seed)
    most = length or max(lengths)
    values = torch.full((len(lengths), most, 2), -1, dtype=torch.int32)
    for row, count in enumerate(lengths):
        values[row, :count, 0] = torch.randint(4, 50, (count,), generator=generator, dtype=torch.int32)
        values[row, :count, 1] = 0
    return values
