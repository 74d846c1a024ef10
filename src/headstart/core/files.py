"""Files that are either the old or the new version, never something between; hashes; JSON in one form."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from headstart.core.errors import ConfigError, IntegrityError

CHUNK = 1 << 20  # bytes read at a time when hashing


@contextlib.contextmanager
def atomic(path: Path) -> Iterator[BinaryIO]:
    """Write ``path`` through a temporary file beside it, synced and renamed; on an error nothing is left."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f".{path.name}.{secrets.token_hex(8)}.tmp"
    # Not tempfile: its files are readable by their owner alone, whatever the user's umask says.
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` durable, where the system allows it (not on Windows)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def require_new_folder(folder: Path, what: str = "other files", instead: str = "") -> None:
    """Raise ConfigError when a folder to write to already holds something, or is a file.

    Args:
        folder: As named by ``--out``.
        what: It holds, in words.
        instead: What else may be done than naming another one, a clause.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        held = f"holds {what}" if folder.is_dir() else "is a file"
        raise ConfigError(
            f"the output folder must be new or empty; {folder} {held}. Name another folder with --out{instead}."
        )


def write_bytes(path: Path, content: bytes) -> None:
    """Write atomically."""
    with atomic(path) as stream:
        stream.write(content)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically."""
    write_bytes(path, text.encode("utf-8"))


def dump_json(value: Any) -> str:
    """JSON with two spaces, keys in the order given; NaN is refused since JSON has none."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write_json(path: Path, value: Any) -> None:
    """Write JSON atomically."""
    write_text(path, dump_json(value))


def read_json(path: Path) -> Any:
    """Read JSON; raises IntegrityError when the file does not parse."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:  # other bytes, or numbers and brackets without end
        raise IntegrityError(f"{path.name} must be JSON; it does not parse ({error}). Write it again.") from None


def check_schema(document: Mapping[str, Any], newest: int, name: str) -> None:
    """Refuse a document of a newer schema than this version reads."""
    schema = document.get("schema")
    if not isinstance(schema, int) or schema > newest:
        raise IntegrityError(
            f"{name} must have schema {newest} or older; it has {schema!r}. Use the version of Headstart that wrote it."
        )


def canonical_json(value: Any) -> bytes:
    """JSON bytes with sorted keys and no spaces: equal values give equal bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def sha256_json(value: Any) -> str:
    """Hex sha256 of the canonical JSON of ``value``."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def sha256_file(path: Path) -> str:
    """Hex sha256 of a file's bytes, read in chunks."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
