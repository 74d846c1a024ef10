"""The sets, each as a table with a domain for every row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas

Frame = Any
Worse = tuple[str, float]  # name of a corruption, its strength


@dataclass(frozen=True)
class Source:
    """One set.

    Attributes:
        frame: From the folder of all sets to a table with ``label``, ``domain`` and ``input`` (a path or a text), or
            with plain columns instead of ``input``.
        pairs: From which domain to which; "*" is all domains but the other one.
        worse: Corruptions by name: all rows again, each a domain of its own that clean rows are moved to.
        is_plain: Whether it is plain columns.
        rare: Whether the primary metric is macro-F1.
    """

    frame: Callable[[Path], Frame]
    pairs: tuple[tuple[str, str], ...] = ()
    worse: Mapping[str, Worse] = field(default_factory=dict)
    is_plain: bool = False
    rare: bool = False


def pictures(folder: Path, domain: Callable[[Path], str], most: int | None = None) -> Frame:
    """Of class folders; at most so many of each class."""
    rows = []
    for label in sorted(place for place in folder.iterdir() if place.is_dir()):
        files = sorted(file for file in label.iterdir() if not file.name.startswith("."))
        rows += [(str(file), label.name, domain(file)) for file in files[:most]]
    return pandas.DataFrame(rows, columns=["input", "label", "domain"])


def office(data: Path) -> Frame:
    """Catalogue and desk."""
    there = data / "office10_amazon_webcam"
    return pandas.concat([pictures(there / name, lambda file, name=name: name) for name in ("amazon", "webcam")])


def tiles(data: Path) -> Frame:
    """Exposures; frays are too few in each."""
    found = pictures(data / "magnetic_tile" / "train", lambda file: file.name.split("_")[0])
    return found[(found.label != "fray") & (found.domain != "exp0")]


def digits(data: Path) -> Frame:
    """Speakers."""
    there = data / "spoken_digits"
    found = pandas.read_csv(there / "metadata.csv", dtype=str)
    paths = [str(there / file) for file in found["file"]]
    return pandas.DataFrame({"input": paths, "label": found["label"], "domain": found["speaker"]})


def nlupp(data: Path) -> Frame:
    """Bank and hotel; intents that both have five times."""
    parts = []
    for name in ("banking", "hotels"):
        part = pandas.read_csv(data / "nlupp_banking_hotels" / name / "data.csv")
        parts.append(part[part.label.notna()][["text", "label"]].assign(domain=name))
    found = pandas.concat(parts).rename(columns={"text": "input"})
    counts = found.groupby(["label", "domain"]).size().unstack(fill_value=0)
    return found[found.label.isin(counts.index[(counts >= 5).all(axis=1)])]


def support(data: Path) -> Frame:
    """How requests are worded: tag Q is colloquial, Z has errors."""
    there = data / "customer_support_intents"
    found = pandas.concat([pandas.read_csv(there / f"{part}.csv") for part in ("train", "val", "test")])
    tags = found.tags.fillna("").str
    domain = tags.contains("Q").map({True: "colloquial", False: "plain"}).where(~tags.contains("Z"), "errors")
    found = pandas.DataFrame({"input": found.text, "label": found.label, "domain": domain}).drop_duplicates("input")
    return found.groupby(["label", "domain"]).head(20)


def texts(name: str, classes: int, each: int) -> Callable[[Path], Frame]:
    """The first classes of a set of texts."""

    def frame(data: Path) -> Frame:
        found = pandas.read_csv(data / name / "train.csv").rename(columns={"text": "input"})
        some = sorted(found.label.unique())[:classes]
        return found[found.label.isin(some)].groupby("label").head(each)[["input", "label"]].assign(domain="clean")

    return frame


def clean(name: str, part: str, most: int | None) -> Callable[[Path], Frame]:
    """Pictures of one domain."""
    return lambda data: pictures(data / name / part, lambda file: "clean", most)


def columns(name: str, domain: Callable[[Frame], Any], *drop: str) -> Callable[[Path], Frame]:
    """Plain columns."""

    def frame(data: Path) -> Frame:
        found = pandas.read_csv(data / name / "train.csv")
        return found.assign(domain=domain(found)).drop(columns=list(drop))

    return frame


SETS: dict[str, Source] = {
    "office": Source(office, (("amazon", "webcam"), ("webcam", "amazon"))),
    "digits": Source(
        digits,
        (
            *(("*", name) for name in ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")),
            ("george", "jackson"), ("jackson", "theo"), ("lucas", "nicolas"), ("nicolas", "george"),
            ("theo", "yweweler"), ("yweweler", "lucas"),
        ),
    ),
    "nlupp": Source(nlupp, (("banking", "hotels"), ("hotels", "banking"))),
    "support": Source(support, (("plain", "colloquial"), ("plain", "errors"), ("colloquial", "plain"))),
    "cifar": Source(
        clean("cifar10_small", "train", 100),
        worse={"blur": ("image_blur", 4.0), "noise": ("image_noise", 20.0), "dark": ("image_darkness", 60.0),
               "jpeg": ("image_jpeg", 75.0), "rotation": ("image_rotation", 30.0)},
    ),
    "clothing": Source(
        clean("clothing_small", "train", None),
        worse={"blur": ("image_blur", 2.0), "noise": ("image_noise", 20.0), "dark": ("image_darkness", 60.0)},
    ),
    "brain": Source(
        clean("brain_mri_tumor", "train", None),
        worse={"blur": ("image_blur", 4.0), "noise": ("image_noise", 20.0), "dark": ("image_darkness", 60.0)},
    ),
    "tiles": Source(tiles, tuple(("*", f"exp{number}") for number in (1, 2, 3, 4, 5, 6))),
    "banking": Source(
        texts("banking77", 20, 40), worse={"typos": ("text_typos", 20.0), "words": ("text_words", 20.0)}
    ),
    "trec": Source(texts("trec", 6, 150), worse={"typos": ("text_typos", 20.0), "case": ("text_case", 100.0)}),
    "adult": Source(
        columns("adult_income", lambda t: t.sex + (t.age < 35).map({True: " young", False: ""}), "fnlwgt"),
        (("Male", "Female"), ("Female", "Male"), ("Male", "Male young"), ("Female young", "Male")),
        is_plain=True,
    ),
    "credit": Source(
        columns("german_credit", lambda t: t.housing),
        (("A152", "A151"), ("A152", "A153"), ("*", "A152")),
        is_plain=True,
    ),
    "churn": Source(
        columns("telco_churn", lambda t: t.InternetService, "customerID"),
        (("DSL", "Fiber optic"), ("Fiber optic", "DSL"), ("*", "No")),
        is_plain=True,
    ),
    "machines": Source(
        columns("ai4i2020_machine_failure", lambda t: t.Type, "UDI", "Product ID", "TWF", "HDF", "PWF", "OSF", "RNF"),
        (("L", "M"), ("L", "H"), ("M", "L")),
        is_plain=True,
        rare=True,
    ),
}  # fmt: skip
