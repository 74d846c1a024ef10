"""Further labelled data below those of a data set."""

from __future__ import annotations

import pytest

from headstart.core.errors import ConfigError, DataError
from headstart.data.read import read
from helpers import make_photos
from made_tables import customers, write_csv


@pytest.fixture
def table(tmp_path):
    return write_csv(tmp_path / "c.csv", customers(30))


def test_they_are_read_as_the_first_ones_were_and_the_first_ones_stay_as_they_are(table, tmp_path):
    more = write_csv(tmp_path / "more.csv", customers(10, seed=1).assign(note="not an input"))
    plain = read(table, target="churn")
    found = read(table, target="churn", added=[more, more])
    assert len(found.dataset) == 50 and found.dataset.schema == plain.dataset.schema
    first = [row for row, name in enumerate(found.dataset.ids) if not name.startswith("added-")]
    assert found.dataset.take(first).fingerprint == plain.dataset.fingerprint
    assert [name for name in found.dataset.ids if name.startswith("added-2/")] == [f"added-2/{k}" for k in range(10)]


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (lambda frame: frame.rename(columns={"churn": "left"}), ConfigError, "target must be one of"),
        (lambda frame: frame.drop(columns="age"), DataError, "lacks 'age'"),
        (lambda frame: frame.assign(churn=None), DataError, "blank"),
        (lambda frame: frame[:0], DataError, "row"),
        (lambda frame: frame.drop(columns="mail"), ConfigError, "slices must be one of"),
    ],
)
def test_what_is_missing_is_named(change, error, said, table, tmp_path):
    more = write_csv(tmp_path / "more.csv", change(customers(10, seed=1)))
    with pytest.raises(error, match="the added data") as caught:
        read(table, target="churn", input="age,plan,since,spent", slices=["mail"], added=[more])
    assert said in str(caught.value)


def test_another_kind_of_input_is_an_error(table, tmp_path):
    photos = make_photos(tmp_path / "photos", {"red": 3, "blue": 3})
    with pytest.raises((DataError, ConfigError), match="the added data"):
        read(table, target="churn", added=[photos])
    with pytest.raises((DataError, ConfigError), match="the added data"):
        read(photos, added=[table])


def test_a_table_of_paths_stands_below_a_folder(tmp_path):
    photos, more = (make_photos(tmp_path / name, {"red": 3, "blue": 3}, seed) for seed, name in enumerate(("p", "q")))
    rows = [f"{path.relative_to(tmp_path)},{path.parent.name}" for path in sorted(more.rglob("*.png"))]
    (tmp_path / "more.csv").write_text("photo,label\n" + "\n".join(rows) + "\n")
    dataset = read(photos, added=[tmp_path / "more.csv"]).dataset
    assert len(dataset) == 12 and sorted(dataset.targets.tolist()) == ["blue"] * 6 + ["red"] * 6
