"""Ways to damage a data set: tables (CSV) and media files in class folders. All draw from the given generator."""

from __future__ import annotations

import os
import random
import shutil
import struct
import zlib
from pathlib import Path

from .excerpts import Subject, read_rows, write_rows

HUGE_CELL = 3 << 20  # characters
HUGE_SIDE = 60_000  # pixels
MEDIA = frozenset((".jpg", ".jpeg", ".png", ".wav"))


def truncated(folder: Path, subject: Subject, rng: random.Random) -> None:
    """Tables end within a row; one file or every third one has only its first half."""
    for path in tables(folder):
        halve(path)
    files = media(folder)
    for path in rng.choice((files[:1], files[::3])):
        halve(path)


def renamed(folder: Path, subject: Subject, rng: random.Random) -> None:
    """A column, a table, a class folder of the last split, or all endings of files."""
    if subject.kind == "folders":
        last = [path for path in sorted(folder.glob("*/*")) if path.is_dir()][-1]
        if rng.random() < 0.5:
            last.rename(last.with_name("renamed"))
        else:
            for path in media(folder):
                path.rename(path.with_suffix(".dat"))
        return
    table = rng.choice(tables(folder))
    what = rng.choice(("target", "input", "table"))
    if what == "table":
        table.rename(table.with_suffix(".bak"))
        return
    rows = read_rows(table)
    other = next(name for name in rows[0] if name != subject.target)
    old = subject.target if what == "target" else other
    write_rows(table, [{(name if name != old else "renamed"): cell for name, cell in row.items()} for row in rows])


def emptied(folder: Path, subject: Subject, rng: random.Random) -> None:
    """Nothing, or a header alone, in every table; no files in a class, or nothing in any file."""
    only_header = rng.random() < 0.5
    for path in tables(folder):
        content = path.read_bytes()
        path.write_bytes(content[: content.index(b"\n") + 1] if only_header else b"")
    files = media(folder)
    for path in files:
        if not only_header:
            path.write_bytes(b"")
        elif path.parent == files[0].parent:
            path.unlink()


def shuffled(folder: Path, subject: Subject, rng: random.Random) -> None:
    """Labels of examples drawn anew from the same ones."""
    if subject.kind == "table":
        for path in tables(folder):
            rows = read_rows(path)
            labels = [row[subject.target] for row in rows]
            rng.shuffle(labels)
            write_rows(path, [{**row, subject.target: label} for row, label in zip(rows, labels, strict=True)])
        return
    files = media(folder)
    places = [path.parent for path in files]
    rng.shuffle(places)
    for number, (path, place) in enumerate(zip(files, places, strict=True)):
        path.rename(place / f"shuffled-{number}{path.suffix}")


def duplicated(folder: Path, subject: Subject, rng: random.Random) -> None:
    """Every row or file twice; training examples among the test ones, and in another class."""
    found = tables(folder)
    if subject.kind == "table":
        train = read_rows(found[-1])  # train.csv comes last
        for path in found:
            rows = read_rows(path)
            write_rows(path, [*rows, *rows, *train[: len(rows) // 2]] if path != found[-1] else [*rows, *rows])
        return
    files = media(folder)
    for path in files:
        shutil.copyfile(path, path.with_name(f"copy-{path.name}"))
    to = files[0].parent  # a class of the test, where there is one
    for path in rng.sample(files, len(files) // 4):
        shutil.copyfile(path, to / f"again-{path.parent.name}-{path.name}")


def encoding(folder: Path, subject: Subject, rng: random.Random) -> None:
    """Tables in UTF-16 without a mark, or with bytes that no UTF-8 has and a NUL; names of files that are not UTF-8."""
    as_utf16 = rng.random() < 0.5
    for path in tables(folder):
        content = path.read_bytes()
        middle = content.index(b"\n", len(content) // 2) - 2
        odd = content[:middle] + b"\xff\xfe\x00\xe9" + content[middle:]
        path.write_bytes(content.decode().encode("utf-16-le") if as_utf16 else odd)
    for path in media(folder)[:2]:
        os.rename(os.fsencode(path), os.fsencode(path.parent) + b"/\xff\xe9" + os.fsencode(path.suffix))


def huge(folder: Path, subject: Subject, rng: random.Random) -> None:
    """A cell of three million characters; a picture of 60,000 by 60,000 pixels; a recording that says it has 4 GiB."""
    for path in tables(folder):
        rows = read_rows(path)
        name = rng.choice(list(rows[0]))
        write_rows(path, [{**rows[0], name: "long text " * (HUGE_CELL // 10)}, *rows[1:]])
    for path in media(folder)[:1]:
        if path.suffix == ".wav":
            content = bytearray(path.read_bytes())
            content[4:8] = content[40:44] = b"\xff\xff\xff\xff"
            path.write_bytes(bytes(content))
        else:
            path.unlink()
            path.with_suffix(".png").write_bytes(_png(HUGE_SIDE))


def unreadable(folder: Path, subject: Subject, rng: random.Random) -> None:
    """A folder, a link to nothing or a link to itself where a file was."""
    found = tables(folder) if subject.kind == "table" else media(folder)
    for path in found[-1:] if rng.random() < 0.5 else found[:3]:
        block(path, rng)


def tables(folder: Path) -> list[Path]:
    """All CSV files, by name."""
    return sorted(path for path in folder.iterdir() if path.suffix == ".csv")


def media(folder: Path) -> list[Path]:
    """All pictures and recordings, by name."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in MEDIA)


def halve(path: Path) -> None:
    """Keep the first half of a file's bytes."""
    os.truncate(path, path.stat().st_size // 2)


def block(path: Path, rng: random.Random) -> None:
    """Put something that cannot be read in a file's place; permissions would not do, since root reads anything."""
    path.unlink()
    what = rng.choice(("folder", "nothing", "itself"))
    if what == "folder":
        path.mkdir()
    else:
        path.symlink_to("nowhere" if what == "nothing" else path.name)


def _png(side: int) -> bytes:
    """A grey picture whose header is true and whose content ends early."""
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(side + 1))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
