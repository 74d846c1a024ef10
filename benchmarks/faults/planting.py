"""Faults by name: each takes the examples of a set and gives them back with the fault in them, and what it did."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from . import contents
from .sets import Example, Kind

FLIPPED = 0.05  # of all labels
COPIED = 0.03  # of the test examples
TELLING = 0.9  # share of the examples in which a shortcut tells the class
LEAK_NOISE = 0.15  # standard deviation of a number that is 0, 1, ... for the classes
LEAK_WRONG = 0.01  # of a column that repeats the class
LONGEST = 0.95  # share of the texts that are shorter than all that are filled up
SIDES = (1.0, 0.1)  # pixels of the shorter side of the first class over the usual, and how much each class adds
SECONDS = (1.0, 0.15)  # length of the first class, and how much each class adds
CHARACTERS = 4  # that each class adds


@dataclass(frozen=True)
class Planted:
    """A set with a fault in it.

    Attributes:
        examples: In the order in which they are written.
        changed: Names of the examples that were changed, each with what was done, where single ones were.
        columns: Names of columns that were added.
    """

    examples: list[Example]
    changed: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()


Plant = Callable[[Sequence[Example], random.Random], Planted]


def clean(examples: Sequence[Example], rng: random.Random) -> Planted:
    """Nothing is changed."""
    return Planted(list(examples))


def flips(examples: Sequence[Example], rng: random.Random) -> Planted:
    """Another class, uniformly."""
    names = sorted({each.label for each in examples})
    chosen = set(rng.sample(range(len(examples)), round(FLIPPED * len(examples))))
    found, changed = [], {}
    for place, each in enumerate(examples):
        if place in chosen:
            label = rng.choice([name for name in names if name != each.label])
            changed[each.name] = label
            each = replace(each, label=label)
        found.append(each)
    return Planted(found, changed)


def copies(kind: Kind) -> Plant:
    """Test examples replaced by slightly changed training examples, with their labels."""

    def plant(examples: Sequence[Example], rng: random.Random) -> Planted:
        tests = [place for place, each in enumerate(examples) if each.split == "test"]
        trains = [each for each in examples if each.split == "train"]
        count = max(1, round(COPIED * len(tests)))
        sources = rng.sample(trains, count)
        found, changed = list(examples), {}
        for place, source in zip(rng.sample(tests, count), sources, strict=True):
            content, how = _copied(source, kind, rng)
            changed[found[place].name] = how
            found[place] = replace(found[place], label=source.label, content=content, columns=source.columns)
        return Planted(found, changed)

    return plant


def _copied(source: Example, kind: Kind, rng: random.Random) -> tuple[bytes | str, str]:
    content = source.content
    if isinstance(content, str):
        return contents.text_copy(content, rng)
    if kind == "pictures":
        return contents.picture_copy(content, rng)
    if kind == "recordings":
        return contents.recording_copy(content, rng)
    return content, "equal"


def leak_number(examples: Sequence[Example], rng: random.Random) -> Planted:
    """A column that holds the number of the class and a little noise."""
    places = _places(examples)
    return _with_column(examples, [f"{places[each.label] + rng.gauss(0, LEAK_NOISE):.4f}" for each in examples])


def leak_code(examples: Sequence[Example], rng: random.Random) -> Planted:
    """A column that holds a code for the class, wrong now and then."""
    places = _places(examples)
    codes = [f"C{rng.randrange(len(places)) if rng.random() < LEAK_WRONG else places[each.label]}" for each in examples]
    return _with_column(examples, codes)


def _with_column(examples: Sequence[Example], values: Sequence[str]) -> Planted:
    found = [
        replace(each, columns={**each.columns, "extra": value}) for each, value in zip(examples, values, strict=True)
    ]
    return Planted(found, columns=("extra",))


def shortcut(change: Callable[[Sequence[Example]], Callable[[Example, int], bytes | str]]) -> Plant:
    """Every example is changed by its class's number, and one in ten by another's.

    Args:
        change: Given the examples, what is done to one of them for a number.
    """

    def plant(examples: Sequence[Example], rng: random.Random) -> Planted:
        places, done = _places(examples), change(examples)
        found = []
        for each in examples:
            own = places[each.label]
            others = [place for place in places.values() if place != own]
            number = own if rng.random() < TELLING else rng.choice(others)
            found.append(replace(each, content=done(each, number)))
        return Planted(found)

    return plant


def order(examples: Sequence[Example], rng: random.Random) -> Planted:
    """Rows sorted by class, but for one in ten that is put anywhere; in each split."""
    keys = [(each.label if rng.random() < TELLING else None, rng.random()) for each in examples]
    found = []
    for split in ("train", "test"):
        own = [(key, each) for key, each in zip(keys, examples, strict=True) if each.split == split]
        rows = [each for key, each in sorted(own, key=lambda pair: (pair[0][0] or "", pair[0][1])) if key[0]]
        for _, stray in (pair for pair in own if pair[0][0] is None):
            rows.insert(rng.randrange(len(rows) + 1), stray)
        found += rows
    return Planted(found)


def _side(examples: Sequence[Example]) -> Callable[[Example, int], bytes]:
    import io

    from PIL import Image

    sides = sorted(min(Image.open(io.BytesIO(_bytes(each))).size) for each in examples)
    usual = sides[len(sides) // 2]
    return lambda each, number: contents.picture_of_side(_bytes(each), round(usual * (SIDES[0] + SIDES[1] * number)))


def _brightness(examples: Sequence[Example]) -> Callable[[Example, int], bytes]:
    low, high = contents.BRIGHTNESS
    step = (high - low) / max(1, len(_places(examples)) - 1)
    return lambda each, number: contents.picture_of_brightness(_bytes(each), low + step * number)


def _loudness(examples: Sequence[Example]) -> Callable[[Example, int], bytes]:
    first, last = contents.LOUDNESS_DB
    step = (last - first) / max(1, len(_places(examples)) - 1)
    return lambda each, number: contents.recording_of_loudness(_bytes(each), first + step * number)


def _seconds(examples: Sequence[Example]) -> Callable[[Example, int], bytes]:
    return lambda each, number: contents.recording_of_length(_bytes(each), SECONDS[0] + SECONDS[1] * number)


def _length(examples: Sequence[Example]) -> Callable[[Example, int], str]:
    lengths = sorted(len(each.content) for each in examples)
    first = lengths[int(LONGEST * len(lengths))]
    return lambda each, number: contents.padded(_text(each), first + CHARACTERS * number)


def _marker(examples: Sequence[Example]) -> Callable[[Example, int], str]:
    return lambda each, number: f"{_text(each)} q{number:02d}"


def _bytes(each: Example) -> bytes:
    return each.content if isinstance(each.content, bytes) else each.content.encode()


def _text(each: Example) -> str:
    return each.content if isinstance(each.content, str) else each.content.decode()


def _places(examples: Sequence[Example]) -> dict[str, int]:
    return {name: place for place, name in enumerate(sorted({each.label for each in examples}))}


@dataclass(frozen=True)
class Fault:
    """What is planted, and the finding that should tell it.

    Attributes:
        plant: See :data:`Plant`.
        finding: Id of the finding that is expected; "" where none is.
    """

    plant: Plant
    finding: str


def faults(kind: Kind) -> dict[str, Fault]:
    """By name, for sets of this kind.

    Columns leak in tables alone, since the reader takes none beside a text.
    """
    found = {
        "clean": Fault(clean, ""),
        "flips": Fault(flips, "label_errors"),
        "copies": Fault(copies(kind), "duplicates_across_splits"),
    }
    if kind == "pictures":
        return found | {
            "shortcut_size": Fault(shortcut(_side), "shortcuts/size"),
            "shortcut_brightness": Fault(shortcut(_brightness), "shortcuts/brightness"),
        }
    if kind == "recordings":
        return found | {
            "shortcut_loudness": Fault(shortcut(_loudness), "shortcuts/loudness"),
            "shortcut_seconds": Fault(shortcut(_seconds), "shortcuts/seconds"),
        }
    if kind == "texts":
        return found | {
            "shortcut_length": Fault(shortcut(_length), "shortcuts/length"),
            "shortcut_marker": Fault(shortcut(_marker), "text_endings"),
        }
    return found | {
        "leak_number": Fault(leak_number, "leaking_columns/extra"),
        "leak_code": Fault(leak_code, "leaking_columns/extra"),
        "shortcut_order": Fault(order, "shortcuts/order"),
    }
