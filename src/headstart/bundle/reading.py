"""Find a bundle, verify every byte of it, hand it over."""

from __future__ import annotations

from pathlib import Path

from headstart.bundle.bundle import Bundle
from headstart.bundle.manifest import EVIDENCE, EXAMPLES, GRAPH, MANIFEST, WEIGHTS, FileRecord, Manifest
from headstart.bundle.weights import read_class_names_sha256
from headstart.core.errors import ConfigError, IntegrityError
from headstart.core.files import sha256_file
from headstart.core.run_folder import RunFolder


def read(path: Path | str) -> Bundle:
    """The bundle at ``path``: a run folder, its ``bundle/``, or a bundle that was copied elsewhere.

    All files are hashed each time (27 MB take 40 to 50 ms), and only the files of a bundle are ever opened: nothing
    in it is a pickle.

    Raises:
        ConfigError: there is no bundle.
        IntegrityError: a file is missing, changed, or from a newer version.
    """
    folder = _find(Path(path))
    manifest = Manifest.read(folder)
    for name in manifest.content:
        _verify(folder / name, manifest.files[name])
    if manifest.examples is not None:
        _verify(folder / EXAMPLES, manifest.examples)
    if read_class_names_sha256(folder / WEIGHTS) != manifest.class_names.sha256:
        raise IntegrityError(
            f"{WEIGHTS} and {MANIFEST} must come from one fit; they state different class names or another order. "
            "Copy the whole bundle folder again."
        )
    return Bundle(folder, manifest)


def _find(path: Path) -> Path:
    for folder in (path, RunFolder(path).bundle):
        if (folder / MANIFEST).is_file():
            return folder
    if path.is_dir() and any((path / name).is_file() for name in (WEIGHTS, GRAPH, EVIDENCE)):
        return path  # a bundle without its manifest: reading it says so
    raise ConfigError(
        f"a run folder or a bundle was expected; {path} "
        + ("holds neither." if path.exists() else "does not exist.")
        + " Name the folder that `headstart fit` printed."
    )


def _verify(path: Path, record: FileRecord) -> None:
    if not path.is_file():
        what = "is missing"
    elif path.stat().st_size != record.bytes:
        what = f"has {path.stat().st_size:,} bytes instead of {record.bytes:,}"
    elif sha256_file(path) != record.sha256:
        what = "has other bytes than its checksum says"
    else:
        return
    raise IntegrityError(
        f"every file of a bundle must be as it was written; {path.name} {what}. "
        "Copy the whole bundle folder again from the run it comes from, or fit again."
    )
