"""Tiny valid inputs of every kind that a server reads; the fuzzer begins from them."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import numpy as np

PICTURE_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "AVIF", "JPEG2000")
SOUND_FORMATS = (
    ("WAV", "PCM_16"),
    ("WAV", "PCM_U8"),
    ("WAV", "FLOAT"),
    ("WAV", "ULAW"),
    ("WAV", "IMA_ADPCM"),
    ("WAVEX", "PCM_24"),
    ("RF64", "PCM_16"),
    ("W64", "PCM_16"),
    ("FLAC", "PCM_16"),
    ("OGG", "VORBIS"),
    ("OGG", "OPUS"),
    ("MP3", "MPEG_LAYER_III"),
    ("AIFF", "PCM_16"),
    ("AU", "PCM_16"),
    ("CAF", "PCM_16"),
    ("VOC", "PCM_U8"),
)
ROW = {"age": 41.5, "plan": "pro", "since": "2024-03-03", "mail": "yes", "note": "card lost"}
BOUNDARY = b"b"


def pictures() -> list[bytes]:
    """One of each format, some in further modes."""
    from PIL import Image

    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 255, (6, 8, 3), np.uint8))
    found = [_saved(image, kind) for kind in PICTURE_FORMATS]
    exif = Image.Exif()
    exif[0x0112] = 6  # stored on its side
    found.append(_saved(image, "JPEG", exif=exif.tobytes(), progressive=True))
    found.append(_saved(image.convert("CMYK"), "JPEG"))
    found += [_saved(image.convert(mode), "PNG") for mode in ("1", "L", "P", "LA", "RGBA", "I;16")]
    found.append(_saved(image.convert("P"), "GIF", save_all=True, append_images=[image.convert("P")], loop=0))
    found += [_saved(image, "TIFF", compression=each) for each in ("tiff_lzw", "tiff_adobe_deflate", "jpeg")]
    found += [_saved(image.convert("F"), "TIFF"), _saved(image.convert("I"), "PPM")]
    return found


def sounds() -> list[bytes]:
    """200 frames in each format, of one channel and of two."""
    import soundfile

    rng = np.random.default_rng(0)
    found = []
    for kind, subtype in SOUND_FORMATS:
        for channels in (1, 2):
            stream = io.BytesIO()
            wave = rng.uniform(-0.5, 0.5, (200, channels)).astype(np.float32)
            soundfile.write(stream, wave, 48000 if subtype == "OPUS" else 16000, subtype, format=kind)
            found.append(stream.getvalue())
    return found


def bodies() -> list[bytes]:
    """JSON and plain bodies; the first two bytes say of which model and which media type, see ``decoders.rows``."""
    texts: list[Any] = [ROW, dict.fromkeys(ROW), "card lost", ["first", "second"], {"text": "a"}, {"data": "UklGRg=="}]
    found = [bytes([model, 0]) + json.dumps({"inputs": [each]}).encode() for model in range(4) for each in texts]
    found += [bytes([model, media]) + b"card lost and \xff\xfeblocked" for model in range(4) for media in (1, 2)]
    extremes = (1e308, -1e308, 1 << 62, "9" * 40, "1e400", "nan", "31.12.9999", "0000-00-00", "1.234,56", "", True)
    found += [b"\0\0" + json.dumps({"inputs": [{**ROW, name: value}]}).encode() for name in ROW for value in extremes]
    return found


def remarks() -> list[bytes]:
    """What is sent to ``/feedback``."""
    return [
        json.dumps(each).encode()
        for each in ({"request_id": "a", "verdict": "right"}, {"request_id": "a", "example": "0", "label": "x"})
    ]


def forms() -> list[bytes]:
    """Forms of files, and of the fields of a row; the first byte says of which model."""
    one = _part('name="file"; filename="x.png"', b"\x89PNG\r\n")
    row = b"".join(_part(f'name="{name}"', str(value).encode()) for name, value in ROW.items())
    end = b"--" + BOUNDARY + b"--\r\n"
    typed = one.replace(b"\r\n\r\n", b"\r\nContent-Type: image/png\r\n\r\n", 1)
    encoded = one.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n", 1)
    named = _part("name=\"file\"; filename*=UTF-8''%e2%82%ac", b"x")
    return [bytes([model]) + each + end for model in range(4) for each in (one, one + one, row, typed, encoded, named)]


def tensors() -> list[bytes]:
    """Bodies of the Open Inference Protocol; the first byte says of which model."""

    def body(**columns: Any) -> bytes:
        kinds = {name: "FP64" if isinstance(value, float) else "BYTES" for name, value in columns.items()}
        inputs = [
            {"name": name, "datatype": kinds[name], "shape": [1], "data": [value]} for name, value in columns.items()
        ]
        return json.dumps({"id": "7", "inputs": inputs}).encode()

    nested = b'{"inputs": [{"name": "input", "datatype": "BYTES", "shape": [2, 1], "data": [["a"], ["b"]]}]}'
    coded = base64.b64encode(b"abc").decode()
    return [bytes([model]) + each for model in range(4) for each in (body(**ROW), body(input=coded), nested)]


def _part(disposition: str, content: bytes) -> bytes:
    head = f"Content-Disposition: form-data; {disposition}\r\n\r\n".encode()
    return b"--" + BOUNDARY + b"\r\n" + head + content + b"\r\n"


def _saved(image: Any, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()
