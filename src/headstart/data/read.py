"""A source, to a labelled data set whose inputs were all looked at once."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from headstart.core.errors import ConfigError, DataError, choice_message
from headstart.data.dataset import LabeledDataset
from headstart.data.listing import SPLITS, Bad, Listing, joined
from headstart.data.metadata import METADATA
from headstart.data.scan import scan
from headstart.data.sources import listing_of

ALLOW_BAD = 0.05
SHOWN_BAD = 5


@dataclass(frozen=True)
class Reading:
    """What was read.

    Attributes:
        dataset: The examples that can be used.
        bad: Inputs that were left out, with reasons.
        notes: What was understood and why, sentences for people.
    """

    dataset: LabeledDataset
    bad: tuple[Bad, ...] = ()
    notes: tuple[str, ...] = ()

    def without(self, failures: Mapping[int, str], allow_bad: float = ALLOW_BAD) -> Reading:
        """Leave out further rows, by row number with reasons: damage that showed only when they were decoded.

        Raises:
            DataError: more than ``allow_bad`` of all inputs are bad now, or what remains is one class only.
        """
        if not failures:
            return self
        bad = (*self.bad, *(Bad(self.dataset.ids[row], reason) for row, reason in sorted(failures.items())))
        _require_few(bad, len(self.dataset) + len(self.bad), allow_bad)
        kept = self.dataset.take(np.asarray([row for row in range(len(self.dataset)) if row not in failures], int))
        check_classes(kept)
        return replace(self, dataset=kept, bad=bad)


def read(
    source: Any,
    *,
    target: str | None = None,
    input: str | None = None,
    test: Any = None,
    groups: str | None = None,
    slices: Sequence[str] = (),
    allow_bad: float = ALLOW_BAD,
    workers: int = 2,
    to_learn: bool = True,
) -> Reading:
    """Read a source and look at every input once (hash and header, nothing decoded).

    Args:
        source: A folder or table (path), a DataFrame, a Hugging Face Dataset or DatasetDict, or (inputs, targets).
        target: Column of the class names; None: folder names, else the one column called label or target.
        input: Column of the inputs; None: the column whose values are pictures or paths that exist.
        test: A separate source for the test split.
        groups: Column whose equal values stay on one side of every split.
        slices: Columns to report by.
        allow_bad: Largest fraction (0-1) of inputs that may be unusable; they are left out and listed.
        workers: Threads that read files.
        to_learn: False for data that is only measured on: one class is enough then.

    Raises:
        DataError: the source cannot be used as it is; the message says what to do.
        ConfigError: a column was named that is not there.
    """
    listing = listing_of(source, target=target, input=input)
    if test is not None:
        listing = _with_test(listing, listing_of(test, target=target, input=input))
    listing = _with_targets(listing)
    listing = replace(listing, ids=_unique(listing.ids))
    found = scan(listing.inputs, workers)
    bad = tuple(Bad(listing.ids[row], reason) for row, reason in sorted(found.problems.items()))
    _require_few(bad, len(listing), allow_bad)
    every = LabeledDataset(
        inputs=listing.inputs,
        ids=listing.ids,
        keys=found.keys,
        sizes=found.sizes,
        name=listing.name,
        targets=np.asarray(listing.targets, dtype=object),
        split=np.asarray(listing.split, dtype=object),
        groups=_column(listing, groups, "groups") if groups else None,
        slices={name: _column(listing, name, "slices") for name in slices},
    )
    good = np.asarray([row for row in range(len(listing)) if row not in found.problems], dtype=np.int64)
    dataset = every.take(good) if bad else every
    if to_learn:
        check_classes(dataset)
    return Reading(dataset, bad, (*listing.notes, *_about(dataset)))


def check_classes(dataset: LabeledDataset) -> None:
    """Raise DataError for one class only, or classes that the training part does not have."""
    names = dataset.class_names
    if len(names) < 2:
        raise DataError(
            f"{dataset.name} must hold at least two classes; it holds {len(names)}: {list(names)}. "
            "Put the pictures of each class into a folder of its name, or check the target column."
        )
    trained = set(dataset.targets[(dataset.split == "train") | (dataset.split == "")].tolist())
    for split in ("val", "test"):
        unknown = sorted(set(dataset.targets[dataset.split == split].tolist()) - trained)
        if unknown:
            near = difflib.get_close_matches(unknown[0], sorted(trained), n=1, cutoff=0.5)
            hint = f" Is {unknown[0]!r} meant to be {near[0]!r}?" if near else ""
            raise DataError(
                f"the {split} split must hold only classes that train has, {sorted(trained)}; it also holds {unknown}."
                f"{hint} Give both splits the same class names."
            )


def _with_test(listing: Listing, test: Listing) -> Listing:
    if "test" in listing.split:
        raise DataError(
            f"the test split must come from one place; {listing.name} holds a test split already, and a separate one "
            "was named. Leave one of them out."
        )
    if "test" in test.split:
        test = test.take([row for row, split in enumerate(test.split) if split == "test"])
    split = tuple(split or "train" for split in listing.split)
    return joined([replace(listing, split=split), test.as_split("test", "test/")])


def _with_targets(listing: Listing) -> Listing:
    rows = [row for row, target in enumerate(listing.targets) if target is not None]
    if len(rows) == len(listing):
        return listing
    note = f"{len(listing) - len(rows)} rows without a target were left out"
    return replace(listing.take(rows), notes=(*listing.notes, note))


def _unique(ids: tuple[str, ...]) -> tuple[str, ...]:
    """Ids that occur again get "#2", "#3", ..."""
    seen: Counter[str] = Counter()
    taken = set(ids)
    result = []
    for name in ids:
        seen[name] += 1
        unique = name
        while seen[name] > 1 and (unique := f"{name}#{seen[name]}") in taken:
            seen[name] += 1
        taken.add(unique)
        result.append(unique)
    return tuple(result)


def _column(listing: Listing, name: str, option: str) -> Any:
    if name not in listing.columns:
        if not listing.columns:
            raise ConfigError(
                f"{option} must name a column beside target and input; {listing.name} has none. "
                f"Beside class folders, put the column into {METADATA}.csv with a column 'file'."
            )
        raise ConfigError(choice_message(option, name, listing.columns))
    return np.asarray(listing.columns[name], dtype=object)


def _require_few(bad: Sequence[Bad], n: int, allow_bad: float) -> None:
    if not bad or (len(bad) <= allow_bad * n and len(bad) < n):
        return
    shown = "; ".join(f"{each.id}: {each.reason}" for each in bad[:SHOWN_BAD])
    more = f"; and {len(bad) - SHOWN_BAD} more" if len(bad) > SHOWN_BAD else ""
    advice = "Repair or remove them." if len(bad) == n else "Repair or remove them, or allow more with --allow-bad."
    raise DataError(
        f"at most {allow_bad:.0%} of the inputs may be unusable; {len(bad)} of {n} are: {shown}{more}. {advice}"
    )


def _about(dataset: LabeledDataset) -> list[str]:
    names = dataset.class_names
    sizes = {split: int((dataset.split == split).sum()) for split in (*SPLITS, "")}
    parts = ", ".join(f"{n} {split}" if split else f"{n} not split yet" for split, n in sizes.items() if n)
    notes = [f"{len(dataset)} pictures in {len(names)} classes: {parts}"]
    trained = Counter(dataset.targets[(dataset.split == "train") | (dataset.split == "")].tolist())
    single = [name for name in names if trained[name] == 1]
    if single:
        notes.append(f"classes with one picture, which cannot be tested: {', '.join(single)}")
    for split in ("val", "test"):
        missing = sorted(set(names) - set(dataset.targets[dataset.split == split].tolist())) if sizes[split] else []
        if missing:
            notes.append(f"classes that the {split} split lacks: {', '.join(missing)}")
    return notes
