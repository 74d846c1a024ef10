"""Folders of recordings, through ``read``."""

from __future__ import annotations

import numpy as np
import pytest

from data.helpers_data import png, write
from headstart.data.read import read
from headstart.data.sound_encode import wave_bytes


@pytest.fixture
def folder(tmp_path):
    rows = ["file,speaker"]
    for name in ("yes", "no"):
        for i in range(3):
            samples = np.random.default_rng(i + len(name)).uniform(-0.5, 0.5, 4000 + 800 * i).astype(np.float32)
            write(tmp_path / name / f"{i}.wav", wave_bytes(samples, 8000))
            rows.append(f"{name}/{i}.wav,s{i}")
    write(tmp_path / "metadata.csv", "\n".join(rows).encode())
    return tmp_path


def test_class_folders_of_recordings_with_groups(folder):
    reading = read(folder, groups="speaker")
    data = reading.dataset
    assert data.modality == "sound" and data.groups.tolist() == ["s0", "s1", "s2"] * 2
    assert data.targets.tolist() == ["no"] * 3 + ["yes"] * 3 and len(data.parts[0].sizes) == 6
    assert "6 recordings: 6 not split yet" in reading.notes


def test_the_kind_of_most_files_counts_and_others_are_named(folder):
    write(folder / "yes" / "cover.png", png(1))
    reading = read(folder)
    assert reading.dataset.modality == "sound" and any("cover.png" in note for note in reading.notes)


def test_damaged_recordings_are_bad(folder):
    write(folder / "yes" / "cut.wav", b"RIFF")
    (bad,) = read(folder, allow_bad=0.5).bad
    assert bad.id == "yes/cut.wav"
