"""Small made-up data under the names that the job pages use."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas

from helpers import make_model, photo
from made_languages import make_language_model, sentences
from made_sounds import make_recordings
from made_tables import customers, write_csv
from made_texts import TOPICS, make_text_model, question, questions

NEW_PHOTOS = 64  # as many as the statistics of a network need
SHADES = {"cracked": (150, 110, 90), "intact": (110, 120, 150)}
TOPIC_NAMES = list(TOPICS)


def photos(folder: Path, per_class: int = 24, seed: int = 0) -> None:
    """Class folders of noisy pictures, and metadata.csv with who took them with what."""
    rng = np.random.default_rng(seed)
    rows = ["file,person,camera"]
    for name, shade in SHADES.items():
        (folder / name).mkdir(parents=True)
        for number in range(per_class):
            photo(shade, rng).save(folder / name / f"{number}.png")
            rows.append(f"{name}/{number}.png,person{rng.integers(12)},{rng.choice(['phone', 'scanner'])}")
    (folder / "metadata.csv").write_text("\n".join(rows) + "\n")


def new_photos(folder: Path) -> None:
    """Pictures without classes."""
    rng = np.random.default_rng(7)
    folder.mkdir()
    for number in range(NEW_PHOTOS):
        photo(list(SHADES.values())[number % 2], rng).save(folder / f"{number}.png")


def cells(path: Path) -> None:
    """One row per cell that is in a picture: some pictures have one kind, some have two."""
    rng = np.random.default_rng(3)
    rows = ["file,label"]
    (path.parent / "cells").mkdir()
    for number in range(60):
        kinds = [["red"], ["white"], ["red", "white"]][number % 3]
        shade = (200 * ("red" in kinds), 90, 200 * ("white" in kinds))
        photo(shade, rng).save(path.parent / "cells" / f"{number}.png")
        rows += [f"cells/{number}.png,{kind}" for kind in kinds]
    path.write_text("\n".join(rows) + "\n")


def labelled(path: Path) -> None:
    """Texts, of which 60 have no label yet."""
    frame = pandas.DataFrame(questions(40), columns=["question", "label"])
    frame.loc[60:, "label"] = None
    write_csv(path, frame)


def requests(path: Path) -> None:
    """Texts about one topic or two."""
    rng = random.Random(4)
    rows = []
    for number in range(90):
        about = rng.sample(TOPIC_NAMES, 1 + number % 2)
        rows.append((" ".join(question(topic, rng, 6) for topic in about), "|".join(about)))
    write_csv(path, pandas.DataFrame(rows, columns=["text", "labels"]))


def answers(path: Path) -> None:
    """Pairs of texts, whether they are on the same topic, and a grade."""
    rng = random.Random(5)
    rows = []
    for number in range(90):
        first = rng.choice(TOPIC_NAMES)
        second = first if number % 2 else rng.choice([topic for topic in TOPIC_NAMES if topic != first])
        verdict, grade = ("right", 2 + number % 4 // 2) if number % 2 else ("wrong", number % 4 // 2)
        rows.append((question(first, rng), question(second, rng), verdict, grade))
    write_csv(path, pandas.DataFrame(rows, columns=["answer", "reference", "verdict", "grade"]))


def customers_with_notes(path: Path) -> None:
    """Plain columns, and a column of prose."""
    frame = customers(160)
    rng = random.Random(6)
    frame["notes"] = [question(rng.choice(TOPIC_NAMES), rng) for _ in range(len(frame))]
    write_csv(path, frame)


def houses(path: Path) -> None:
    """A price that follows from area, rooms and district."""
    rng = np.random.default_rng(8)
    rooms, area = rng.integers(1, 7, 160), rng.normal(90, 25, 160).round(1)
    district = rng.choice(["north", "south"], 160)
    price = 3.1 * area + 20 * rooms + np.where(district == "south", 60, 0) + rng.normal(0, 20, 160)
    write_csv(path, pandas.DataFrame({"area": area, "rooms": rooms, "district": district, "price": price.round(2)}))


def recordings(folder: Path) -> None:
    """Class folders of tones, and metadata.csv with who speaks."""
    make_recordings(folder, per_kind=24)
    files = sorted(path.relative_to(folder).as_posix() for path in folder.glob("*/*"))
    speakers = ["anna", "ben", "cleo", "dan", "eva", "finn", "gina", "hugo"]
    rows = [f"{file},{speakers[number % 8]}" for number, file in enumerate(files)]
    (folder / "metadata.csv").write_text("\n".join(["file,speaker", *rows]) + "\n")


def weights(path: Path) -> None:
    """A weight file without a config beside it."""
    make_model(path.parent / "beside", "resnet18")
    (path.parent / "beside" / "model.safetensors").rename(path)


def texts(*columns: str) -> Callable[[Path], None]:
    """A maker of a table of texts with their topics under these names."""
    return lambda path: write_csv(path, pandas.DataFrame(questions(30), columns=[*columns])) and None


def other_questions(path: Path) -> None:
    """Texts on the same topics, others than those of questions.csv."""
    write_csv(path, pandas.DataFrame(questions(10, seed=1), columns=["question", "label"]))


def german_questions(path: Path) -> None:
    """Texts in another language, without labels."""
    write_csv(path, pandas.DataFrame({"question": [text for text, _ in sentences("de", 8)]}))


def with_german(path: Path) -> None:
    """The texts of questions.csv and a few in another language."""
    write_csv(path, pandas.DataFrame([*questions(30), *sentences("de", 2, seed=1)], columns=["question", "label"]))


MAKERS: dict[str, Callable[[Path], object]] = {
    "photos": photos,
    "other_photos": lambda folder: photos(folder, seed=1),
    "new_photos": new_photos,
    "cells.csv": cells,
    "questions.csv": texts("question", "label"),
    "new_questions.csv": texts("question", "label"),
    "hotel_questions.csv": other_questions,
    "german_questions.csv": german_questions,
    "with_german.csv": with_german,
    "multilingual_network": make_language_model,
    "tickets.csv": texts("message", "department"),
    "labelled.csv": labelled,
    "requests.csv": requests,
    "new_requests.csv": requests,
    "answers.csv": answers,
    "new_answers.csv": answers,
    "customers.csv": customers_with_notes,
    "new_customers.csv": customers_with_notes,
    "subscribers.csv": lambda path: write_csv(path, customers(160)),
    "subscribers_this_month.csv": lambda path: write_csv(path, customers(400, seed=1)),
    "houses.csv": houses,
    "new_houses.csv": houses,
    "recordings": recordings,
    "new_recordings": lambda folder: make_recordings(folder, per_kind=8, seed=9),
    "weights.safetensors": weights,
    "my_text_network": make_text_model,
}


def make_what_is_named(text: str, folder: Path) -> None:
    """All data whose names a page mentions in its commands."""
    for name, make in MAKERS.items():
        if name in text:
            make(folder / name)
