"""The ways from bytes to an answer, as ``headstart serve`` goes them; each returns, or raises a refusal.

A refusal is what the server answers with a sentence: ``Refusal``, or ``DataError`` of one example. All else that leaves
a decoder is a fault. The decoders of pictures and recordings are asked without the net that the server has below
them, so that what that net would catch is seen too.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from fuzz import mutators, seeds
from headstart.core.errors import DataError
from headstart.core.preprocessing import ImagePreprocessing, SoundPreprocessing
from headstart.core.schema import InputSchema, PartSchema
from headstart.data.modalities import modality
from headstart.serving.limits import check
from headstart.serving.models import Model, load
from headstart.serving.refusals import Refusal
from headstart.serving.requests import Read, document_of, examples_of, values_to_reads
from headstart.serving.routes import kserve
from headstart.serving.routes.feedback import _remark
from headstart.serving.settings import Limits, ServeConfig

REFUSALS = (Refusal, DataError, MemoryError)  # what the server tells the caller
LIMITS = Limits(megapixels=4.0, seconds=20.0)
MOST = 16  # examples of a request
MEDIA = ("application/json", "text/plain", "application/octet-stream")
FORM = "multipart/form-data; boundary=" + seeds.BOUNDARY.decode()
RUNS = ("table", "mixed")  # see made.py
PAIR = InputSchema(parts=(PartSchema(modality="text", columns=("first", "second")),))
PICTURE = InputSchema(parts=(PartSchema(modality="image"),))


@dataclass(frozen=True)
class Decoder:
    """What is fuzzed.

    Attributes:
        build: Given the folder with the fitted runs, what takes bytes.
        seeds: Where the fuzzer begins.
        tokens: Words that it may put in.
        change: Of an input, so that more of them are accepted; None: libFuzzer's own mutations alone.
        most_bytes: Of an input.
    """

    build: Callable[[Path], Callable[[bytes], Any]]
    seeds: Callable[[], list[bytes]]
    tokens: tuple[bytes, ...] = ()
    change: Callable[[bytes, random.Random], bytes] | None = None
    most_bytes: int = 4096


def _bare(schema: InputSchema) -> Any:
    """A model without a network, of which the schema alone is looked at."""
    return SimpleNamespace(shipped=SimpleNamespace(schema=schema), answer=None)


def _models(folder: Path) -> list[Any]:
    runs = [load(folder / name, ServeConfig(threads=1)) for name in RUNS]
    return [*runs, _bare(PAIR), _bare(PICTURE)]


def _fetch(url: str) -> bytes:
    raise Refusal(422, "unusable", "nothing is fetched here")


def _answered(reads: list[Read], model: Any) -> list[dict[str, Any]]:
    """Rows, computed where there is a model; rendered, since what cannot be written as JSON is a fault too."""
    if not isinstance(model, Model):
        return []
    ready = [model.prepare(each.example) for each in reads if each.example is not None]
    rows = model.answer(ready).rows if ready else []
    json.dumps(rows, allow_nan=False)
    return rows


def _pictures(folder: Path) -> Callable[[bytes], Any]:
    return _of_modality("image", ImagePreprocessing(image_size=(32, 32)))


def _sounds(folder: Path) -> Callable[[bytes], Any]:
    return _of_modality("sound", SoundPreprocessing(max_seconds=2.0))


def _png(content: bytes, draw: random.Random) -> bytes:
    return mutators.repaired(bytes(_with_noise(content, draw)))


def _with_noise(content: bytes, draw: random.Random) -> bytearray:
    found = bytearray(content)
    for _ in range(draw.randint(1, 4) if found else 0):
        found[draw.randrange(len(found))] = draw.randrange(256)
    return found


def _of_modality(name: str, preprocessing: Any) -> Callable[[bytes], Any]:
    kind = modality(name)
    preparer = kind.preparer(preprocessing, {})

    def decode(content: bytes) -> None:
        check(kind.measures, kind.look(content), LIMITS)
        prepared = preparer.prepare(content)
        assert prepared.size and not np.isinf(prepared).any()

    return decode


def _rows(folder: Path) -> Callable[[bytes], Any]:
    models = _models(folder)

    def decode(content: bytes) -> None:
        model, media = models[content[0] % len(models)], MEDIA[content[1] % len(MEDIA)]
        _answered(examples_of(content[2:], media, model.shipped.schema, MOST, _fetch), model)

    return _at_least(2, decode)


def _forms(folder: Path) -> Callable[[bytes], Any]:
    models = _models(folder)

    def decode(content: bytes) -> None:
        model = models[content[0] % len(models)]
        _answered(examples_of(content[1:], FORM, model.shipped.schema, MOST, _fetch), model)

    return _at_least(1, decode)


def _tensors(folder: Path) -> Callable[[bytes], Any]:
    models = _models(folder)

    def decode(content: bytes) -> None:
        model = models[content[0] % len(models)]
        values = kserve.values_of(document_of(content[1:]), model)
        rows = _answered(values_to_reads(values, model.shipped.schema, MOST, _fetch), model)
        if rows:
            json.dumps(kserve._outputs(rows, model), allow_nan=False)

    return _at_least(1, decode)


def _remarks(folder: Path) -> Callable[[bytes], Any]:
    return lambda content: _remark(document_of(content))


def _at_least(count: int, decode: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    return lambda content: decode(content) if len(content) > count else None


JSON_TOKENS = (b'"inputs"', b"null", b"true", b"[", b"]", b"{", b"}", b'""', b"1e999", b"-0", b'"\\ud800"', b'"data"')
CELLS = tuple(b'"%s"' % name.encode() for name in seeds.ROW) + (b"1e308", b"9223372036854775807", b'"2024-02-30"')
TENSOR_TOKENS = (b'"shape"', b'"datatype"', b'"BYTES"', b'"FP64"', b'"BOOL"', b'"name"', b"[1, 1]")
FORM_TOKENS = (b"\r\n", b"--b", b"--b--", b"Content-Disposition: ", b"form-data; ", b'filename="', b"filename*=", b"=?")
PICTURE_TOKENS = (b"\xff\xd8", b"\xff\xd9", b"\xff\xda", b"\xff\xc0", b"IHDR", b"IDAT", b"eXIf", b"acTL", b"tRNS")
SOUND_TOKENS = (b"RIFF", b"fmt ", b"data", b"fLaC", b"OggS", b"ID3", b"COMM", b"SSND", b"LIST", b"\xff\xfb")
REMARK_TOKENS = (*JSON_TOKENS, b'"request_id"', b'"verdict"', b'"right"')
DECODERS = {
    "pictures": Decoder(_pictures, seeds.pictures, PICTURE_TOKENS, _png),
    "sounds": Decoder(_sounds, seeds.sounds, SOUND_TOKENS, most_bytes=8192),
    "rows": Decoder(_rows, seeds.bodies, JSON_TOKENS + CELLS, mutators.of_json(2)),
    "forms": Decoder(_forms, seeds.forms, FORM_TOKENS),
    "tensors": Decoder(_tensors, seeds.tensors, JSON_TOKENS + TENSOR_TOKENS, mutators.of_json(1)),
    "remarks": Decoder(_remarks, seeds.remarks, REMARK_TOKENS, mutators.of_json(0)),
}
