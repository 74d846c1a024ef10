"""Recordings."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.config import Config
from headstart.core.errors import DataError
from headstart.core.modality import Preparer
from headstart.core.plugins import Plugin
from headstart.core.preprocessing import Preprocessing, SoundPreprocessing
from headstart.data import sound_duplicates, sound_facts, sound_resample
from headstart.data.sound_decode import decode_middle, decoder_version, probe
from headstart.data.sound_facts import SILENT
from headstart.data.sound_picture import caption, waveform_picture
from headstart.data.sound_prepare import VERSION, prepare
from headstart.data.sound_views import LIGHT, STRONG, SoundView, parse_augmentation


class SoundPreparer:
    """Bytes to ``(S,)`` float32, NaN where padded."""

    def __init__(self, preprocessing: SoundPreprocessing) -> None:
        self.preprocessing = preprocessing

    def prepare(self, content: bytes) -> NDArray[np.float32]:
        """Decoded, resampled and padded."""
        return prepare(content, self.preprocessing)

    def address(self) -> dict[str, Any]:
        """Settings, decoder, resampler, version of the preparation."""
        from scipy import __version__ as scipy_version

        return {
            "preprocessing": self.preprocessing.model_dump(mode="json"),
            "decoder": decoder_version(),
            "resampler": f"headstart-{sound_resample.VERSION}/scipy-{scipy_version}",
            "preparation": VERSION,
        }


class SoundModality:
    """See ``core.modality.Modality``."""

    name = "sound"
    noun = "recording"
    plural = "recordings"
    measures = ("samples", "sample_rate")
    fingerprint_dim = sound_duplicates.LENGTH
    fingerprint_version = sound_duplicates.VERSION
    fact_names = sound_facts.NAMES
    facts_version = sound_facts.VERSION
    size_fact_names = ("seconds", "sample_rate")

    def __init__(self, config: Config) -> None:
        """Nothing to set."""

    def look(self, content: bytes) -> tuple[int, ...]:
        """Samples per channel and sampling rate in Hz, from the header."""
        header = probe(content)
        return header.samples, header.sample_rate

    def preparer(self, preprocessing: Preprocessing, assets: Mapping[str, bytes]) -> Preparer:
        """Needs no assets."""
        return SoundPreparer(SoundPreprocessing.parse(preprocessing.model_dump(), "preprocessing"))

    def fingerprint(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        """See ``data.sound_duplicates``."""
        return sound_duplicates.fingerprint(prepared)

    def facts(self, prepared: NDArray[Any], preparer: Preparer) -> NDArray[np.float32]:
        """See ``data.sound_facts``."""
        preprocessing = SoundPreprocessing.parse(preparer.preprocessing.model_dump(), "preprocessing")
        return sound_facts.facts(prepared, preprocessing)

    def size_facts(self, sizes: NDArray[np.int64]) -> NDArray[np.float32]:
        """Length in seconds, and sampling rate in Hz."""
        return np.stack([sizes[:, 0] / np.maximum(sizes[:, 1], 1), sizes[:, 1]], axis=1).astype(np.float32)

    def near_duplicates(self, keys: NDArray[np.uint8], fingerprints: NDArray[np.float32]) -> NDArray[np.int64]:
        """See ``data.sound_duplicates``."""
        return sound_duplicates.near_duplicate_groups(keys, fingerprints)

    def augmentation(self, strength: str) -> dict[str, Any] | None:
        """Silenced stretches, a band removed, a shift, another gain; strong: more, another voice and channel."""
        return (STRONG if strength == "strong" else LIGHT).model_dump(mode="json")

    def view(self, preparer: Preparer, augmentation: Mapping[str, Any], number: int) -> Preparer:
        """See ``data.sound_views``."""
        if number == 0:
            return preparer
        return SoundView(preparer, parse_augmentation(augmentation), number)

    def notes(self, sizes: NDArray[np.int64], preparer: Preparer, sample: list[bytes]) -> list[str]:
        """Clips that are cut or centred in silence, silent ones, more than one sampling rate."""
        preprocessing = preparer.preprocessing
        if not len(sizes) or not isinstance(preprocessing, SoundPreprocessing):
            return []
        return [*_lengths(sizes, preprocessing), *_rates(sizes, preprocessing), *_silent(sample, preprocessing)]

    def unseen_fraction(self, sizes: NDArray[np.int64], preparer: Preparer, sample: list[bytes]) -> float:
        """Mean share of the seconds of a recording that are not heard, since only its middle is."""
        preprocessing = preparer.preprocessing
        if not len(sizes) or not isinstance(preprocessing, SoundPreprocessing):
            return 0.0
        seconds = sizes[:, 0] / np.maximum(sizes[:, 1], 1)
        return float(np.mean(1 - np.minimum(preprocessing.max_seconds / np.maximum(seconds, 1e-9), 1)))

    def excerpt(self, content: bytes) -> dict[str, Any]:
        """Loudness over time as a small PNG in a data URL, with length and rate."""
        picture = base64.b64encode(waveform_picture(content)).decode("ascii")
        return {"thumbnail": f"data:image/png;base64,{picture}", "caption": caption(probe(content))}


def _lengths(sizes: NDArray[np.int64], preprocessing: SoundPreprocessing) -> list[str]:
    seconds = sizes[:, 0] / np.maximum(sizes[:, 1], 1)
    short = int((seconds < preprocessing.min_seconds).sum())
    long = int((seconds > preprocessing.max_seconds).sum())
    notes = []
    if short:
        notes.append(
            f"{short:,} of {len(sizes):,} recordings are shorter than {preprocessing.min_seconds:g} s "
            f"(the shortest {seconds.min():.2f} s): they are heard in the middle of that much silence"
        )
    if long:
        notes.append(
            f"{long:,} of {len(sizes):,} recordings are longer than {preprocessing.max_seconds:g} s (the longest "
            f"{seconds.max():.0f} s): the middle is heard; --set model.max_seconds=SECONDS hears more"
        )
    return notes


def _rates(sizes: NDArray[np.int64], preprocessing: SoundPreprocessing) -> list[str]:
    rates, counts = np.unique(sizes[:, 1], return_counts=True)
    target = preprocessing.sample_rate
    if len(rates) > 1:
        told = sorted(zip(counts.tolist(), rates.tolist(), strict=True), reverse=True)[:4]
        listed = ", ".join(f"{rate:,} Hz ({count:,})" for count, rate in told)
        more = f" and {len(rates) - 4} more" if len(rates) > 4 else ""
        return [f"sampling rates differ: {listed}{more}; all are heard at {target:,} Hz"]
    if rates[0] < target:
        half = rates[0] // 2
        return [f"all are recorded at {rates[0]:,} Hz, heard at {target:,} Hz: there is nothing above {half:,} Hz"]
    return []


def _silent(sample: list[bytes], preprocessing: SoundPreprocessing) -> list[str]:
    silent = known = 0
    for content in sample:
        try:
            wave, _ = decode_middle(content, preprocessing.max_seconds)
        except DataError:
            continue
        known += 1
        silent += float(np.abs(wave).max(initial=0.0)) < SILENT
    return [f"{silent} of {known} recordings looked into are silent"] if silent else []


PLUGIN = Plugin(build=SoundModality)
