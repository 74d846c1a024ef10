"""A new domain along an order: the last window is adapted to, those before are the path; what is refused."""

import json

import numpy as np
import pandas as pd
import pytest
from PIL import ImageEnhance

import headstart
from cli.helpers_cli import headstart_command
from headstart.core.errors import ConfigError, DataError
from helpers import COLOURS, photo

__all__ = ["headstart_command"]
METHOD = "gradual_self_training"


@pytest.fixture(scope="module")
def darker(tmp_path_factory):
    """156 pictures that get darker day by day, in no order; two have no day. Beside them a table with their classes."""
    folder, rng = tmp_path_factory.mktemp("darker"), np.random.default_rng(3)
    (folder / "new").mkdir()
    rows, labels = ["file,day,place,same"], ["file,label"]
    for number in rng.permutation(156).tolist():
        name = list(COLOURS)[number % len(COLOURS)]
        picture = ImageEnhance.Brightness(photo(COLOURS[name], rng)).enhance(1 - number / 400)
        file = f"{name}{len(rows)}.png"
        picture.save(folder / "new" / file)
        day = "" if number in (7, 80) else f"2024-0{1 + number // 28}-{1 + number % 28:02d}"
        rows.append(f"{file},{day},shop {number % 2},1")
        labels.append(f"new/{file},{name}")
    (folder / "new" / "metadata.csv").write_text("\n".join(rows) + "\n")
    (folder / "labels.csv").write_text("\n".join(labels) + "\n")
    return folder


@pytest.fixture(scope="module")
def table(darker):
    """The same as a DataFrame, with the paths."""
    frame = pd.read_csv(darker / "new" / "metadata.csv")
    return frame.assign(file=[str(darker / "new" / name) for name in frame.file])


def test_the_command_adapts_to_the_last_window_and_tells_each(darker, warm, headstart_command, tmp_path):
    out = tmp_path / "out"
    asked = ["--order", "day", "--method", METHOD, "--out", out]
    done = headstart_command("adapt", warm.run.path, "--to", darker / "new", *asked)
    assert done.code == 0 and "Window 1: 51 examples, 2024-01-01T00:00:00Z to 2024-02-2" in done.out
    evidence = json.loads((out / "evidence.json").read_text())
    section = evidence["adaptation"]
    order = section["order"]
    assert (order["column"], order["kind"], order["without"]) == ("day", "date", 2)
    windows = order["windows"]
    assert [each["n"] for each in windows] == [51, 52, 51] and windows[-1]["to"] == "2024-06-16T00:00:00Z"
    assert all(one["to"] < two["from"] for one, two in zip(windows, windows[1:], strict=False))
    assert all(0.85 < each["taught"] <= 1 and each["distance"] is not None for each in windows)
    assert section["to"]["n"] == 51 and section["changed"]["of"] == 51 and section["method"] == METHOD
    assert section["gain"] is None  # nothing says how much
    told = " ".join(evidence["warnings"])
    assert "the last of 3 windows along 'day', 51 examples from" in told and "where --labels show a gain" in told
    assert "2 examples have no value in 'day'" in told
    said = {row["id"]: row["prediction"] for row in headstart.predict(out, darker / "new").rows}
    last = set(pd.read_parquet(out / "predictions" / "target.parquet").id)
    assert len(last) == 51 and np.mean([said[str(darker / "new" / name)] in name for name in last]) > 0.9


def test_labels_say_what_it_gains_and_without_an_order_it_is_refused(darker, table, warm):
    found = headstart.adapt(warm.run.path, table, order="day", labels=darker / "labels.csv", method=METHOD)
    checked = found.evidence["adaptation"]["gain"]
    assert checked["low"] <= checked["value"] <= checked["high"] <= 100
    with pytest.raises(DataError, match="it needs an order of the new examples, named by a column with --order"):
        headstart.adapt(warm.run.path, table, method=METHOD)


def test_an_order_of_numbers_in_a_table_gives_the_same_windows_as_they_are_written(table, warm):
    days = pd.to_datetime(table.day)
    numbered = table.assign(day=[None if pd.isna(each) else f"{each.day_of_year}" for each in days])
    section = headstart.adapt(warm.run.path, numbered, order="day", method=METHOD).evidence["adaptation"]["order"]
    assert section["kind"] == "number" and [each["n"] for each in section["windows"]] == [51, 52, 51]
    assert section["windows"][0]["from"] == 1 and section["windows"][-1]["to"] == 168


@pytest.mark.parametrize(
    ("column", "error", "told"),
    [
        ("dya", ConfigError, r"order must be one of .*'day'.*; got 'dya'. Did you mean 'day'"),
        ("place", DataError, r"must name a column with numbers or dates .*; 'place' does not, as 'shop [01]'"),
        ("same", DataError, "at least 3 windows of 50 examples .* 156 examples with 1 different values give 1"),
        ("empty", DataError, "'empty' is empty"),
        ("few", DataError, "'few' has none, or none that is a number, for 116 of 156"),
        ("short", DataError, "149 examples with 149 different values give 2"),
        ("both", DataError, "'both' could be read in two ways, as '0./0./2024'"),
    ],
)
def test_a_column_that_gives_no_order_is_refused(column, error, told, table, warm):
    rows = np.arange(len(table))
    bad = table.assign(
        empty=None, few=np.where(rows < 40, rows, np.nan), short=np.where(rows < 149, rows, np.nan),
        both=[f"0{1 + row % 9}/0{1 + row // 9 % 9}/2024" for row in rows + 1],
    )  # fmt: skip
    with pytest.raises(error, match=told):
        headstart.adapt(warm.run.path, bad, order=column, method=METHOD)


def test_a_folder_without_metadata_has_no_column(darker, warm, tmp_path):
    photo(COLOURS["red"], np.random.default_rng(0)).save(tmp_path / "one.png")
    with pytest.raises(ConfigError, match=r"has no metadata.csv with the columns file and day"):
        headstart.adapt(warm.run.path, tmp_path, order="day", method=METHOD)
    with pytest.raises(ConfigError, match="one.png has none. Give a table"):
        headstart.adapt(warm.run.path, tmp_path / "one.png", order="day", method=METHOD)
