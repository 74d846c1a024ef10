"""Groups in the names of files and in columns."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.inspection.checks.alikeness import alikeness
from headstart.inspection.checks.feature_geometry import directions
from inspection.made_examined import checked, column, gaussian_classes, make_examined

SPEAKERS = np.array(["jackson", "nicolas", "theo", "yweweler", "george", "lucas"])


def spoken(strength, n=600, seed=0, test=()):
    """Names like 7_jackson_32.wav; a speaker moves features by ``strength`` times the noise."""
    rng = np.random.default_rng(seed)
    features, classes = gaussian_classes(n, 10, 64, 4.0, seed)
    speakers = rng.integers(0, len(SPEAKERS), n)
    features += strength * rng.standard_normal((len(SPEAKERS), 64)).astype(np.float32)[speakers]
    ids = [f"{k}/{k}_{SPEAKERS[s]}_{row % 50}.wav" for row, (k, s) in enumerate(zip(classes, speakers, strict=True))]
    return make_examined([f"d{k}" for k in classes], ids=ids, features=features, modality="sound", test=test)


def test_speakers_are_found_in_names_of_recordings():
    (finding,) = checked("likely_groups", spoken(0.8))
    assert finding.id == "likely_groups"
    assert finding.severity == "warning"
    assert finding.what.startswith("Part 2 of the file name ('")
    assert finding.evidence["values"] == sorted(SPEAKERS)
    assert finding.evidence["p"] < 0.001
    assert finding.evidence["share_of_test"] is None


def test_with_a_given_split_it_says_how_much_of_the_test_is_concerned():
    (finding,) = checked("likely_groups", spoken(0.8, test=list(range(500, 600))))
    assert finding.what.endswith("and 100 % of the test examples share a value with the rest.")
    assert finding.evidence["share_of_test"] == 1


@pytest.mark.parametrize("seed", range(5))
def test_where_the_speaker_changes_nothing_or_little_it_is_silent(seed):
    assert checked("likely_groups", spoken(0.0, seed=seed)) == []
    assert checked("likely_groups", spoken(0.2, seed=seed)) == []


def test_groups_within_one_class_each():
    # Tiles: five photographs of each, all of one class; their numbers are unlike otherwise.
    rng = np.random.default_rng(0)
    tiles = np.arange(300) % 60
    features = rng.standard_normal((300, 32)) + rng.standard_normal((60, 32))[tiles]
    ids = [f"exp{1 + row // 60}_num_{3000 + tile}.jpg" for row, tile in enumerate(tiles)]
    targets = ["crack" if tile % 2 else "free" for tile in tiles]
    (finding,) = checked("likely_groups", make_examined(targets, ids=ids, features=features))
    assert finding.what.startswith("Part 4 of the file name ('3000') has 60 values")
    copies = make_examined(targets, ids=ids, features=features, duplicates=tiles)
    assert checked("likely_groups", copies) == []  # near-duplicates are kept together anyway


@pytest.mark.parametrize(
    "ids",
    [
        [f"{row}.png" for row in range(200)],
        [f"{'ab'[row % 2]}_{row}.png" for row in range(200)],  # the class and a number
        ["picture.png"] * 200,
        [f"{'x' * (row % 3)}{'_' * (row % 4)}{row}.png" for row in range(200)],  # no rule
    ],
)
def test_names_without_groups_are_silent(ids):
    features, _ = gaussian_classes(200, 2, 16)
    assert checked("likely_groups", make_examined(["a", "b"] * 100, ids=ids, features=features)) == []


def test_groups_on_one_side_of_the_split_are_silent_and_so_are_groups_that_were_named():
    features, classes = gaussian_classes(200, 2, 16, 3.0)
    people = np.arange(200) // 20  # the last two are the test
    features = features + 2 * np.random.default_rng(0).standard_normal((10, 16))[people]
    ids = [f"p{person}_{row}.png" for row, person in enumerate(people)]
    targets = [f"c{k}" for k in classes]
    assert checked("likely_groups", make_examined(targets, ids=ids, features=features, test=range(160, 200))) == []
    assert len(checked("likely_groups", make_examined(targets, ids=ids, features=features, test=range(150, 190)))) == 1
    named = [str(person) for person in people]
    assert checked("likely_groups", make_examined(targets, ids=ids, features=features, groups=named)) == []


def test_columns_called_like_persons_that_repeat():
    people = column([f"p{row % 25}" for row in range(100)])
    each = column([f"p{row}" for row in range(100)])
    kinds = column([f"p{row % 3}" for row in range(100)])
    table = {"patient_id": people, "speaker": each, "user": kinds, "town": people, "person_count": people}
    examined = make_examined(["a", "b"] * 50, modality="table", table=table, slices={"Subject ID": people.values})
    findings = checked("likely_groups", examined)
    assert [finding.id for finding in findings] == ["likely_groups/Subject ID", "likely_groups/patient_id"]
    assert findings[1].what == (
        "The column 'patient_id' has 25 values in 100 rows, so several rows may be about the same one."
    )
    assert findings[0].action.endswith('use --groups "Subject ID".')


def test_alikeness_equals_loops_over_pairs():
    rng = np.random.default_rng(0)
    rows = directions(rng.standard_normal((24, 6)))
    classes, groups = np.arange(24) % 2, np.arange(24) // 2 % 4  # three rows in each of eight cells
    found = alikeness(rows, groups, classes, 1_000, -2.0, np.random.default_rng(0))
    plain = rows.astype(np.float64)
    for k in range(2):
        plain[classes == k] -= plain[classes == k].mean(axis=0)
    plain /= np.linalg.norm(plain, axis=1, keepdims=True)
    within, between = [], []
    for i in range(24):
        for j in range(i):
            if classes[i] == classes[j]:
                (within if groups[i] == groups[j] else between).append(plain[i] @ plain[j])
    assert found.within == pytest.approx(np.mean(within), abs=1e-5)
    assert found.between == pytest.approx(np.mean(between), abs=1e-5)
    assert found.p > 0.001
