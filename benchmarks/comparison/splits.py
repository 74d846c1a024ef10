"""Split folders that every tool reads as they are: ``WORK/splits/SET/NUMBER/train|test/CLASS/FILE``."""

from __future__ import annotations

import random
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

SETS = ("clothing_small", "cifar10_small", "brain_mri_tumor", "magnetic_tile")
TEST_FRACTION = 0.2  # of every class, where a set has no test part of its own
IMAGES = (".jpg", ".jpeg", ".png")

Files = Mapping[str, Sequence[Path]]  # by class name


def stratified(classes: Mapping[str, Sequence[str]], n_test: Mapping[str, int], seed: int) -> dict[str, set[str]]:
    """Draw ``n_test[c]`` names of each class ``c`` for the test part.

    The order in which names or classes are given is irrelevant, so a split is the same on every file system.
    """
    rng = random.Random(seed)
    return {name: set(rng.sample(sorted(classes[name]), n_test[name])) for name in sorted(classes)}


def class_files(folder: Path) -> dict[str, list[Path]]:
    """Image files of a folder of class folders; empty where the folder does not exist."""
    if not folder.is_dir():
        return {}
    return {
        inner.name: sorted(path for path in inner.iterdir() if path.suffix.lower() in IMAGES)
        for inner in sorted(folder.iterdir())
        if inner.is_dir()
    }


def pooled(source: Path) -> dict[str, dict[str, Path]]:
    """All images of a set by class and unique name (``test_0110.jpg``: both parts may use the same file names)."""
    files: dict[str, dict[str, Path]] = {}
    for part in ("train", "test"):
        for name, paths in class_files(source / part).items():
            files.setdefault(name, {}).update({f"{part}_{path.name}": path for path in paths})
    return files


def split_folder(data: Path, work: Path, name: str, number: int) -> Path:
    """The folder of split ``number`` of a set, written on the first call.

    Split 0 is the set's own where it has one. Others pool all images and draw as many test images of each class as
    the set's own split has, else TEST_FRACTION of them.
    """
    source, folder = data / name, work / "splits" / name / str(number)
    if folder.is_dir():
        return folder
    official = {inner: len(paths) for inner, paths in class_files(source / "test").items()}
    files = pooled(source)
    if official and number == 0:
        test = {inner: {unique for unique in files[inner] if unique.startswith("test_")} for inner in files}
    else:
        counts = official or {inner: round(TEST_FRACTION * len(paths)) for inner, paths in files.items()}
        test = stratified({inner: list(paths) for inner, paths in files.items()}, counts, seed=number)
    return _write(
        folder,
        {
            f"{'test' if unique in test[inner] else 'train'}/{inner}/{unique}": path
            for inner, paths in files.items()
            for unique, path in paths.items()
        },
    )


def pooled_folder(data: Path, work: Path, name: str) -> Path:
    """All images of a set as class folders, so that the tool itself must split: ``WORK/splits/SET/pooled``."""
    folder = work / "splits" / name / "pooled"
    if folder.is_dir():
        return folder
    files = pooled(data / name)
    return _write(
        folder, {f"{inner}/{unique}": path for inner, paths in files.items() for unique, path in paths.items()}
    )


def _write(folder: Path, files: Mapping[str, Path]) -> Path:
    """Copy ``files`` (source by relative target); the folder appears only when it is complete."""
    if not files:
        raise FileNotFoundError(f"no images were found for {folder}; is --data the folder that holds the sets?")
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for relative, source in files.items():
        target = partial / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    partial.rename(folder)
    return folder
