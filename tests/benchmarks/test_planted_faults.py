"""What counts as found, and that faults are planted as they say."""

from __future__ import annotations

import random

import pytest
from faults import contents, planting, scores
from faults.sets import Example


def examples(count=100, classes=("cat", "dog", "sea")):
    return [
        Example(f"{n}", "test" if n % 4 == 0 else "train", classes[n % len(classes)], f"What is number {n} ?")
        for n in range(count)
    ]


def run(fault, set="photos", probe=0.95, recall=0.9, precision=0.7, severity="warning", expected="label_errors"):
    return {
        "set": set,
        "fault": fault,
        "ok": True,
        "probe": probe,
        "found": {"recall": recall, "precision": precision},
        "severity": severity,
        "expected": expected,
    }


def test_recall_is_of_what_was_planted_and_precision_of_the_list():
    found = scores.found({"a", "b", "c", "d"}, ["x", "a", "b", "y", "c", "a"])
    assert (found.hits, found.listed) == (3, 5)  # a is listed twice and counts once
    assert found.recall == 3 / 4
    assert found.precision == 3 / 5
    assert found.first_hits == 2  # of x, a, b, y


def test_of_an_empty_list_there_is_no_precision_and_of_nothing_planted_no_recall():
    assert scores.found({"a"}, []).precision is None
    assert scores.found({"a"}, []).recall == 0
    assert scores.found(set(), ["a"]).recall is None


@pytest.mark.parametrize(
    ("probe", "recall", "precision", "met"),
    [(0.95, 0.8, 0.6, True), (0.95, 0.79, 0.9, False), (0.95, 0.9, 0.59, False), (0.89, 0.1, 0.1, None)],
)
def test_flips_are_promised_only_where_the_clean_probe_is_good(probe, recall, precision, met):
    records = [run("clean", probe=probe), run("flips", probe=0.5, recall=recall, precision=precision)]
    (target,) = scores.targets(records)
    assert target.met is met


def test_a_shortcut_counts_whatever_its_severity_and_one_that_no_check_looks_for_is_no_promise():
    hint = run("shortcut_size", severity="hint", expected="shortcuts/size")
    missed = run("shortcut_size", severity=None, expected="shortcuts/size")
    assert [target.met for target in scores.targets([hint, missed, run("shortcut_marker", expected="")])] == [
        True,
        False,
    ]


def test_one_label_in_twenty_is_flipped_to_another_class():
    before = examples()
    done = planting.flips(before, random.Random(0))
    differing = {a.name for a, b in zip(before, done.examples, strict=True) if a.label != b.label}
    assert len(differing) == 5
    assert differing == set(done.changed)


def test_copies_take_the_place_of_test_examples_and_bring_their_label():
    before = examples(400)
    done = planting.copies("texts")(before, random.Random(0))
    after = {each.name: each for each in done.examples}
    assert len(done.changed) == 3  # 3 % of 100
    assert all(after[name].split == "test" for name in done.changed)
    train = {each.content.lower().rstrip(" ?!"): each.label for each in before if each.split == "train"}
    unchanged_words = [name for name, how in done.changed.items() if how != "word"]
    for name in unchanged_words:
        assert train[after[name].content.lower().rstrip(" ?!")] == after[name].label


def test_nine_in_ten_places_tell_the_class():
    done = planting.shortcut(lambda _: lambda each, number: str(number))(examples(3000), random.Random(0))
    places = {"cat": "0", "dog": "1", "sea": "2"}
    telling = sum(each.content == places[each.label] for each in done.examples) / 3000
    assert telling == pytest.approx(0.9, abs=0.02)


def test_rows_are_mostly_in_the_order_of_their_classes():
    done = planting.order(examples(300), random.Random(0))
    labels = [each.label for each in done.examples if each.split == "train"]
    assert len(done.examples) == 300
    assert sum(label == "cat" for label in labels[:60]) > 50


def test_a_text_changes_a_little():
    assert contents.padded("abc", 5) == "abc.."
    assert contents.padded("abcdef", 5) == "abcdef"
    kinds = {contents.text_copy("What is that ?", random.Random(seed))[1] for seed in range(20)}
    assert kinds == {"case", "punctuation", "word"}
