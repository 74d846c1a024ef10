"""Recordings to one channel of samples, one way for every format: WAV, FLAC, OGG, MP3 and what libsndfile reads.

Channels are averaged. Of a long recording only the middle is decoded, so memory is bounded by the file's own bytes and
the seconds asked for. Seeking is exact in WAV, FLAC and OGG; in MP3 it may be off by the decoder's delay (about 50
ms), which moves which middle is heard and nothing else.

Samples that are not numbers (float files can hold NaN and infinity) become 0; a recording in which they are more than
a half is refused. One that is louder than full scale is divided by its peak. Silence is a recording like any other.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError, MissingExtraError

# Bump when decoded samples change: it is part of the address under which activations are kept.
VERSION = 1
BLOCK = 1 << 16  # frames decoded at a time: many channels at a high rate stay small
MOST_BROKEN = 0.5  # share of samples that are not numbers, from which a recording is refused
RATES = (100, 1_000_000)  # samples per second: what is outside is a damaged header
ENDLESS = 1 << 40  # more frames than any file holds: what libsndfile says when a header does not tell


class Header(NamedTuple):
    """Frames (samples per channel), sampling rate in Hz, channels, and the format in libsndfile's words."""

    samples: int
    sample_rate: int
    channels: int
    format: str


def decoder_version() -> str:
    """Names the code that turns bytes into samples; other versions may give other samples."""
    return f"headstart-{VERSION}/libsndfile-{_soundfile().__libsndfile_version__}"


def probe(content: bytes) -> Header:
    """Length and rate from the header; a file whose header does not tell its length is decoded to count.

    Raises:
        DataError: empty, not a recording, an unknown format, or without samples. Damage in the middle of a file shows
            only when it is decoded.
        MissingExtraError: soundfile is not installed.
    """
    with _opened(content) as file:
        samples = file.frames
        if not 0 < samples < ENDLESS:
            samples = sum(len(block) for block in _blocks(file, None))
        if samples == 0:
            raise DataError("a recording without samples")
        return Header(samples, file.samplerate, file.channels, file.format)


def decode_middle(content: bytes, seconds: float) -> tuple[NDArray[np.float32], int]:
    """The middle ``seconds`` of a recording (all of a shorter one) as ``(S,)`` float32 in -1 to 1, and its rate in Hz.

    Raises:
        DataError: what :func:`probe` raises, and: cut off, or mostly not numbers.
    """
    header = probe(content)
    wanted = min(header.samples, max(1, round(seconds * header.sample_rate)))
    start = (header.samples - wanted) // 2
    with _opened(content) as file:
        _go_to(file, start)
        wave = np.concatenate([np.zeros(0, np.float32), *_blocks(file, wanted)])
    if len(wave) < wanted and (header.format != "MP3" or len(wave) == 0):  # an MP3's length is an estimate
        raise DataError(f"damaged or cut off ({len(wave):,} of {wanted:,} samples could be decoded)")
    return _finite(wave), header.sample_rate


def _finite(wave: NDArray[np.float32]) -> NDArray[np.float32]:
    broken = ~np.isfinite(wave)
    if broken.any():
        if broken.mean() > MOST_BROKEN:
            raise DataError(f"{broken.mean() * 100:.0f} % of its samples are not numbers")
        wave = np.where(broken, np.float32(0), wave)
    peak = float(np.abs(wave).max(initial=0.0))
    return wave if peak <= 1 else (wave / np.float32(peak)).astype(np.float32)


def _go_to(file: Any, start: int) -> None:
    if start == 0:
        return
    if file.seekable() and 0 < file.frames < ENDLESS:
        try:
            file.seek(start)
            return
        except Exception as error:  # a decoder fed with damaged bytes may raise anything
            raise DataError(f"damaged or cut off ({_words(error)})") from None
    for _ in _blocks(file, start):  # where a format cannot seek, what comes before is decoded and dropped
        pass


def _blocks(file: Any, frames: int | None) -> Iterator[NDArray[np.float32]]:
    """Up to ``frames`` frames (None: all) from where the file stands, channels averaged."""
    left = ENDLESS if frames is None else frames
    while left > 0:
        try:
            block = file.read(min(BLOCK, left), dtype="float32", always_2d=True)
        except Exception as error:  # a decoder fed with damaged bytes may raise anything
            raise DataError(f"damaged or cut off ({_words(error)})") from None
        if len(block) == 0:
            return
        left -= len(block)
        with np.errstate(invalid="ignore", over="ignore"):  # infinities of both signs
            yield block[:, 0] if block.shape[1] == 1 else block.mean(axis=1, dtype=np.float32)


@contextmanager
def _opened(content: bytes) -> Iterator[Any]:
    if not content:
        raise DataError("an empty file (0 bytes)")
    soundfile = _soundfile()
    try:
        file = soundfile.SoundFile(io.BytesIO(content))
    except Exception as error:  # a decoder fed with damaged bytes may raise anything
        raise DataError(
            f"not a recording that can be read ({_words(error)}; it starts with {content[:12]!r})"
        ) from None
    with file:
        if not RATES[0] <= file.samplerate <= RATES[1]:
            raise DataError(f"a sampling rate of {file.samplerate} Hz; {RATES[0]} to {RATES[1]:,} are understood")
        yield file


def _words(error: Exception) -> str:
    text = str(getattr(error, "error_string", "") or error)
    return " ".join(text.split()).rstrip(".") or type(error).__name__


def _soundfile() -> Any:
    try:
        import soundfile
    except ImportError:
        raise MissingExtraError("soundfile", "audio", "reading recordings") from None
    return soundfile
