"""What fine-tuning is measured on: pictures, recordings and texts, as folders that every tool reads as they are."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from texts.draws import write_draw

from . import splits

PICTURE_PEERS = ("tuned", "fastai", "plain")
TEXT_PEERS = ("setfit", "trainer")


@dataclass(frozen=True)
class Subject:
    """A set.

    Attributes:
        name: In the records.
        source: Folder in DATA.
        kind: Decides how its splits are made.
        peers: That can read it.
        splits: Numbers of those that are measured; for a set with only one split they are seeds of the tools alone.
        per_class: Training examples of each class; None: all.
    """

    name: str
    source: str
    kind: Literal["pictures", "clips", "texts"]
    peers: tuple[str, ...]
    splits: tuple[int, ...]
    per_class: int | None = None

    def folder(self, data: Path, work: Path, split: int) -> Path:
        """Split ``split``, written on the first call."""
        if self.kind == "clips":
            return data / self.source
        if self.kind == "texts":
            place = work / "splits" / self.name / str(split)
            return (
                place
                if (place / "test.csv").is_file()
                else write_draw(data / self.source, place, split, self.per_class)
            )
        whole = splits.split_folder(data, work, self.source, split)
        if self.per_class is None:
            return whole
        return first_of_each(whole, work / "splits" / self.name / str(split), self.per_class)


SUBJECTS = {
    each.name: each
    for each in (
        Subject("brain_mri_tumor", "brain_mri_tumor", "pictures", PICTURE_PEERS, (0, 1, 2)),
        Subject("magnetic_tile", "magnetic_tile", "pictures", PICTURE_PEERS, (0, 1, 2)),
        Subject("clothing_small", "clothing_small", "pictures", PICTURE_PEERS, (0, 1, 2)),
        Subject("cifar10_50", "cifar10_small", "pictures", PICTURE_PEERS, (0, 1, 2), per_class=50),
        Subject("cifar10_small", "cifar10_small", "pictures", PICTURE_PEERS, (0, 1, 2)),
        Subject("trec_8", "trec", "texts", TEXT_PEERS, (0, 1, 2), per_class=8),
        Subject("banking77_8", "banking77", "texts", TEXT_PEERS, (0, 1, 2), per_class=8),
        Subject("trec", "trec", "texts", TEXT_PEERS, (0,)),
        Subject("spoken_digits", "spoken_digits", "clips", (), (0,)),
    )
}


def first_names(classes: Mapping[str, Sequence[str]], count: int) -> dict[str, list[str]]:
    """The first ``count`` names of each class, in the order of their names.

    >>> first_names({"cat": ["b", "a", "c"]}, 2)
    {'cat': ['a', 'b']}
    """
    return {name: sorted(files)[:count] for name, files in classes.items()}


def first_of_each(whole: Path, folder: Path, count: int) -> Path:
    """A split folder with ``count`` training files of each class and the same test part; complete when it appears."""
    if folder.is_dir():
        return folder
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    if (whole / "test").is_dir():
        shutil.copytree(whole / "test", partial / "test")
    files = splits.class_files(whole / "train")
    for name, chosen in first_names(
        {name: [path.name for path in paths] for name, paths in files.items()}, count
    ).items():
        (partial / "train" / name).mkdir(parents=True)
        for file in chosen:
            shutil.copyfile(whole / "train" / name / file, partial / "train" / name / file)
    partial.rename(folder)
    return folder
