from __future__ import annotations

import numpy as np
import pytest

import headstart
from evidence.helpers_evidence import contender, logits, targets, task
from headstart.evidence.document import Facts, of_a_fit, of_an_evaluation
from headstart.evidence.guard import guard

TRUTH = [0, 1] * 10
FACTS = Facts({"train": 4, "val": 1, "test": 20}, {"name": "net"}, {"name": "d"}, 1, ["one thing"])


def fitted(primary="accuracy", test=TRUTH, facts=FACTS):
    contenders = [
        contender("probe", folds=[0, 1, 0, 1], test=test, settled=task(primary)),
        contender("majority", folds=[0, 0, 0, 0], test=[0] * 20, kind="baseline"),
    ]
    choice = guard(task(primary), targets([0, 1, 0, 1]), contenders)
    return of_a_fit(targets(TRUTH), contenders, choice, facts, {"learning_curve": {"points": []}}, 0)


def test_every_section_is_there_and_the_chosen_one_is_not_compared_with_itself():
    document = fitted()
    assert list(document) == [
        "schema", "headstart_version", "sentence", "test_reads", "task", "primary", "primary_reason", "n", "test",
        "confusion", "decision", "backbone", "data", "warnings", "comparisons", "verdict", "guard", "learning_curve",
    ]  # fmt: skip
    assert document["headstart_version"] == headstart.__version__
    assert [each["name"] for each in document["comparisons"]] == ["majority"]
    assert document["guard"]["chosen"] == document["verdict"]["chosen"] == "probe"
    assert document["n"] == {"train": 4, "val": 1, "test": 20}


def test_the_sentence_says_how_good_how_sure_and_whether_transfer_helps():
    test = list(TRUTH)
    test[0] = 1 - test[0]
    sentence = fitted(test=test)["sentence"]
    assert sentence.startswith("The model is right on 95 of 100 test examples (95 % interval 75 to 100; n = 20). ")
    assert "Transfer helps" in sentence and "macro" not in sentence


def test_the_sentence_counts_macro_f1_where_classes_are_rare():
    assert "Some classes are rare, so macro-F1 counts: 1.00 (" in fitted("macro_f1")["sentence"]


def test_warnings_of_the_facts_and_of_reading_test_targets_again_are_kept():
    assert fitted()["warnings"][0] == "one thing"
    again = fitted(facts=Facts(FACTS.counts, {}, {}, 3))
    assert again["test_reads"] == 3 and "were read 3 times" in again["warnings"][-1]


def test_a_metric_without_an_interval_gives_a_warning():
    facts = Facts({"train": 4, "val": 0, "test": 4}, {}, {}, 1)
    document = of_an_evaluation(task(), targets([0, 0, 0, 0]), logits([0, 0, 0, 0]), facts, 0)
    assert document["test"]["roc_auc"]["value"] is None
    assert any("roc_auc" in warning or "AUC" in warning for warning in document["warnings"])


def test_an_evaluation_has_no_comparisons_and_the_same_metrics():
    document = of_an_evaluation(task(), targets(TRUTH), logits(TRUTH), FACTS, 0)
    assert not {"comparisons", "verdict", "guard"} & set(document)
    assert document["test"] == fitted()["test"] and fitted()["sentence"].startswith(document["sentence"])


def test_the_same_seed_gives_the_same_document():
    rng = np.random.default_rng(0)
    unsure = rng.normal(size=(20, 2))
    first, second = (of_an_evaluation(task(), targets(TRUTH), unsure, FACTS, 5) for _ in range(2))
    assert first == second
    assert first["test"]["ece"]["value"] == pytest.approx(
        of_an_evaluation(task(), targets(TRUTH), unsure, FACTS, 6)["test"]["ece"]["value"]
    )
