from dataclasses import replace

import pytest

from headstart.reports.run_files import RunFiles
from headstart.reports.sections import (
    ORDER,
    build_sections,
    classes,
    comparison,
    confusion,
    data,
    guard,
    learning_curve,
    method,
    mistakes,
    model,
    next_steps,
    residuals,
    slices,
)
from headstart.reports.sections import measures as metrics
from headstart.reports.sections import plan as planned
from headstart.reports.sections.result import build_result
from reports.helpers_reports import (
    EVIDENCE,
    bare,
    classification,
    fell_back,
    gap,
    hundred_classes,
    interval,
    plan,
    two_classes,
    unclear,
    without_bounds,
)


def run_of(evidence, **more):
    return RunFiles("run", evidence, **more)


def steps_of(run):
    return {step.what: step.why for step in next_steps.build(run).content.steps}


@pytest.mark.parametrize("make", EVIDENCE.values(), ids=EVIDENCE)
def test_every_section_says_something_plain(make):
    for section in build_sections(run_of(make())):
        assert section.says.endswith(".")
        assert section.name in ORDER


def test_a_bare_run_has_no_section_without_content():
    assert [section.name for section in build_sections(run_of(bare()))] == ["measures", "next_steps", "data", "method"]


# The head of the page


@pytest.mark.parametrize(
    ("make", "word", "sign"), [(classification, "Yes", "✓"), (unclear, "Unclear", "?"), (fell_back, "No", "✕")]
)
def test_the_verdict_is_a_word_and_a_sign_not_a_colour_alone(make, word, sign):
    verdict = build_result(run_of(make())).verdict
    assert (verdict.answer, verdict.sign) == (word, sign)


def test_a_missing_sentence_is_made_from_the_numbers_and_says_unclear():
    evidence = bare()
    evidence["test"]["accuracy"] = {"value": 0.5, "low": 0.01, "high": 0.99, "level": 0.95}
    sentence = build_result(run_of(evidence)).sentence
    assert sentence == (
        "Linear probe: accuracy 50.0\u202f% (95\u202f% interval 1.0 to 99.0\u202f%) on 2 test examples. "
        "Whether transfer helps is unclear."
    )


@pytest.mark.parametrize(
    ("answer", "short"),
    [
        ("yes", " Transfer helps."),
        ("no", " Transfer does not help."),
        ("unclear", " Whether transfer helps is unclear."),
        ("not_applicable", ""),
    ],
)
def test_the_heading_says_shortly_what_stands_at_length_below_it(answer, short):
    evidence = bare()
    evidence["verdict"].update(transfer_helps=answer, why="A long reason with numbers.")
    evidence["sentence"] = "Right on 9 of 10. A long reason with numbers."
    result = build_result(run_of(evidence))
    assert result.sentence == "Right on 9 of 10." + short
    assert result.verdict.why == "A long reason with numbers."


def test_the_first_sentence_of_a_reason_stands_in_plain_words_and_the_rest_is_folded():
    evidence = bare()
    why = (
        "Transfer helps: it is ahead of the best (pixel_histograms + linear_probe; 95 % interval 1 to 2). So it ships."
    )
    evidence["verdict"].update(transfer_helps="yes", against="pixel_histograms", why=why)
    verdict = build_result(run_of(evidence)).verdict
    assert verdict.why == "It is ahead of the best (Colours and edges, no network; 95 % interval 1 to 2)."
    assert verdict.further == "So it ships."


def test_without_pretrained_weights_the_next_best_stands_beside_the_result():
    evidence = classification()
    evidence["verdict"]["transfer_helps"] = "not_applicable"
    accuracy, rival, *_ = build_result(run_of(evidence)).facts
    assert (accuracy.label, rival.label) == ("Accuracy", "Next best")
    best = max(row["accuracy"]["value"] for row in evidence["comparisons"])
    assert rival.value == f"{100 * best:.1f}\u202f%"


def test_a_heading_is_not_shortened_to_nothing():
    evidence = bare()
    evidence["sentence"] = evidence["verdict"]["why"] = "Only a reason."
    assert build_result(run_of(evidence)).sentence == "Only a reason. Whether transfer helps is unclear."


def test_more_than_one_read_of_the_test_split_is_the_first_warning():
    own = "These test targets were read 2 times, so the result may look better than it is."
    warnings = build_result(run_of({**two_classes(), "warnings": ["other", own]})).warnings
    assert "read 2 times" in warnings[0]
    assert warnings[1:] == ("other",)


def test_warnings_may_be_objects():
    evidence = {**classification(), "warnings": [{"id": "w1", "message": "Few examples."}, {"code": 7}]}
    assert build_result(run_of(evidence)).warnings == ("Few examples.", "code: 7")


def test_the_rival_of_a_model_without_transfer_is_the_best_one_with_it():
    facts = {fact.label: fact for fact in build_result(run_of(fell_back())).facts}
    assert "Best without transfer" not in facts
    assert facts["Best with transfer"].remark == "Nearest neighbours (kNN)"


# Comparison


def test_the_chosen_model_comes_first_and_the_others_best_first():
    content = comparison.build(run_of(classification())).content
    assert [bar.is_chosen for bar in content.rows] == [True, False, False, False, False]
    assert [bar.label for bar in content.rows[1:]] == [
        "Nearest neighbours (kNN)",
        "Colours and edges, no network",
        "Same network, random weights",
        "Always the most common answer",
    ]


def test_a_comparison_on_fewer_training_examples_says_so():
    rows = comparison.build(run_of(classification())).content.rows
    assert [bar.notes for bar in rows if bar.notes] == [("chosen",), ("200 of 550 training examples",)]


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (gap(0.05, 0.02), "ahead by 5.0 points, more than luck explains"),
        (gap(-0.05, 0.02), "behind by 5.0 points, more than luck explains"),
        (gap(0.05, 0.2), "ahead by 5.0 points, and that can be luck: unclear"),
        ({"value": 0.05, "low": None, "high": None}, "without an interval it is unclear"),
    ],
)
def test_the_sentence_follows_the_interval_of_the_difference(difference, words):
    evidence = classification()
    for row in evidence["comparisons"]:
        row["difference"] = difference
    assert words in comparison.build(run_of(evidence)).says


def test_marks_stand_where_the_axis_says():
    evidence = classification()
    evidence["test"]["accuracy"] = interval(0.8, half=0.1)
    evidence["comparisons"] = [
        {"name": "majority_class", "transfer": False, "accuracy": interval(0.2, half=0.1), "difference": gap(0.6, 0.1)}
    ]
    content = comparison.build(run_of(evidence)).content
    # ends are 0.1 and 0.9: 0.8 in 5 steps is 0.16, the next round step 0.2, so the axis runs from 0 to 1
    assert [bar.mark.at for bar in content.rows] == [80, 20]
    assert (content.rows[1].mark.low, content.rows[1].mark.high) == (10, 30)
    # differences end at 0 and 0.7, with 4 % of 0.7 free at both ends: (0.6 + 0.028) / 0.756
    assert content.rows[1].gap_mark.at == pytest.approx(83.07, abs=0.01)
    assert [tick.label for tick in content.gap_axis.ticks] == ["0", "20", "40", "60"]


def test_for_a_loss_the_smallest_is_the_best():
    evidence = {**classification(), "primary": "log_loss"}
    for i, row in enumerate(evidence["comparisons"]):
        row["log_loss"] = interval(0.5 + i, half=0.1, within=(0, 9))
    labels = [bar.label for bar in comparison.build(run_of(evidence)).content.rows]
    assert labels[1:] == [
        "Always the most common answer",
        "Nearest neighbours (kNN)",
        "Same network, random weights",
        "Colours and edges, no network",
    ]


# Confusions and classes


def test_shades_follow_the_share_of_the_row():
    evidence = {"confusion": {"class_names": ["a", "b"], "counts": [[6, 3], [0, 5]]}}
    rows = confusion.build(run_of(evidence)).content.rows
    # 6 of 9 is step 6 of 9 and 3 of 9 is step 3; all of the second row is right
    assert [[cell.tone for cell in row.cells] for row in rows] == [["d6", "e3"], ["", "d9"]]
    assert [row.found for row in rows] == ["67\u202f%", "100\u202f%"]


def test_the_most_confused_pair_is_named():
    evidence = {"confusion": {"class_names": ["cat", "dog", "cow"], "counts": [[8, 2, 0], [5, 5, 0], [1, 0, 9]]}}
    section = confusion.build(run_of(evidence))
    assert section.says.startswith("8 of 30 test examples got a wrong class.")
    assert section.says.endswith("5\u00a0of\u00a010.")
    assert section.says.endswith(section.glance)
    assert [(pair.truth, pair.predicted, pair.count) for pair in section.content.pairs] == [
        ("dog", "cat", 5),
        ("cat", "dog", 2),
        ("cow", "cat", 1),
    ]


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        # 6 of the lowest grade, 2 times predicted; 4 of the highest are too few to say anything
        (
            [[2, 4, 0], [0, 9, 0], [0, 4, 0]],
            "An end of the scale is hardly ever predicted: \u201c",
        ),
        ([[2, 4, 0], [0, 9, 0], [0, 4, 1]], "The ends of the scale are hardly ever predicted"),
    ],
)
def test_ends_of_a_scale_that_are_hardly_ever_predicted_are_named(counts, says):
    evidence = {"task": "ordinal", "confusion": {"class_names": ["1", "2", "3"], "counts": counts}}
    assert says in confusion.build(run_of(evidence)).says
    assert "scale" not in confusion.build(run_of({**evidence, "task": "classification"})).says
    even = {"class_names": ["1", "2", "3"], "counts": [[3, 3, 0], [0, 9, 0], [0, 3, 3]]}
    assert "scale" not in confusion.build(run_of({**evidence, "confusion": even})).says


def test_groups_of_few_examples_stand_last_and_no_sentence_names_them():
    groups = {"a": {"n": 1, "accuracy": 0.0}, "b": {"n": 50, "accuracy": 0.9}, "c": {"n": 40, "accuracy": 0.8}}
    section = slices.build(run_of({"slices": {"place": groups}}))
    assert [row.name for row in section.content.columns[0].rows] == ["c", "b", "a"]
    assert "from 80.0" in section.says
    del groups["b"]
    assert slices.build(run_of({"slices": {"place": groups}})).says == "By place, groups are too small to be compared."


def test_a_hundred_classes_are_shown_as_pairs():
    content = confusion.build(run_of(hundred_classes())).content
    assert content.rows == ()
    assert len(content.pairs) == confusion.MOST_PAIRS
    matrix = hundred_classes()["confusion"]["counts"]
    wrong = sum(map(sum, matrix)) - sum(matrix[i][i] for i in range(100))
    assert content.rest + sum(pair.count for pair in content.pairs) == wrong


def test_no_mistake_at_all_is_said():
    evidence = {"confusion": {"class_names": ["a", "b"], "counts": [[3, 0], [0, 4]]}}
    assert confusion.build(run_of(evidence)).says == "All 7 test examples got the right class."


@pytest.mark.parametrize("counts", [[], [[1]], [[1, 2], [3]], [[1, 2], [3, "4"]], [[1, 2], [3, None]]])
def test_a_matrix_that_does_not_fit_its_names_is_left_out(counts):
    assert confusion.build(run_of({"confusion": {"class_names": ["a", "b"], "counts": counts}})) is None


def test_the_weakest_class_comes_first_and_a_class_without_examples_last():
    rows = {"x": {"recall": 0.9, "n": 50}, "y": {"recall": None, "n": 0}, "z": {"recall": 0.2, "n": 5}}
    section = classes.build(run_of({"test": {"per_class": rows}}))
    assert [row.name for row in section.content.rows] == ["z", "x", "y"]
    assert "2 of 3 classes have fewer than 10 test examples" in section.says


def test_many_classes_are_folded():
    content = classes.build(run_of(hundred_classes())).content
    assert (len(content.rows), len(content.folded)) == (20, 80)


# Mistakes


def test_only_pictures_inside_the_page_are_shown():
    allowed = "data:image/jpeg;base64,/9j/4AAQ=="
    refused = [
        "https://example.org/x.jpg",
        "data:image/svg+xml;base64,PHN2Zz4=",
        "data:text/html;base64,PGI+",
        'data:image/jpeg;base64,AAAA" onerror="x',
        "javascript:alert(1)",
        allowed + "\n",
        7,
        None,
    ]
    items = tuple({"id": "i", "target": "a", "prediction": "b", "thumbnail": source} for source in [allowed, *refused])
    content = mistakes.build(run_of({}, mistakes=items)).content
    assert len(content.items) == mistakes.SHOWN_AT_ONCE
    shown = [*content.items, *content.folded]
    assert [item.example.excerpt.source for item in shown] == [allowed] + [None] * len(refused)


@pytest.mark.parametrize(
    ("evidence", "begins"),
    [
        ({}, "The wrong answers the model was surest of"),
        ({"test": {"within_one": {"value": 0.9}}}, "The grades that are farthest off"),
        ({"residuals": {}}, "The largest errors"),
    ],
)
def test_the_order_of_the_mistakes_is_said(evidence, begins):
    items = ({"id": "i", "target": "1", "prediction": "2"},)
    assert mistakes.build(run_of(evidence, mistakes=items)).says.startswith(begins)


def test_numbers_that_were_far_off_are_written_as_numbers():
    items = (
        {"id": "3", "target": "-11.6", "prediction": "-8.187130001", "nearest": [{"target": "x", "distance": 0.00123}]},
    )
    (item,) = mistakes.build(run_of({"residuals": {}}, mistakes=items)).content.items
    assert (item.example.target, item.prediction) == ("\u221211.6", "\u22128.187")
    assert (item.nearest[0].target, item.nearest[0].remark) == ("x", "0.0012")


def test_pictures_that_were_left_out_are_mentioned():
    assert mistakes.build(run_of({}, mistakes=None)).content.left_out
    assert mistakes.build(run_of({}, mistakes=())) is None


# Learning curve


def test_the_curve_says_what_twice_the_labels_would_give():
    evidence = {
        "learning_curve": {
            "metric": "accuracy",
            "points": [{"n": 200, **interval(0.8, half=0.05)}, {"n": 100, **interval(0.7, half=0.05)}],
            "forecast": {"n": 400, **interval(0.84, half=0.03)},
        }
    }
    section = learning_curve.build(run_of(evidence))
    assert section.says == (
        "From 100 to 200 training examples, accuracy goes from 70.0\u202f% to 80.0\u202f%. "
        "With 400, about 84.0\u202f% can be expected (+4.0 points)."
    )
    points = section.content.points
    assert [point.n for point in points] == ["100", "200", "400"]
    assert [point.is_forecast for point in points] == [False, False, True]
    # doubling is the same way on a logarithmic axis
    assert points[1].x - points[0].x == pytest.approx(points[2].x - points[1].x, abs=0.02)
    # higher values are nearer to the top
    assert points[0].y > points[1].y > points[2].y


def test_a_curve_without_intervals_has_no_band():
    content = learning_curve.build(run_of(without_bounds(classification()))).content
    assert content.band == ""
    assert content.line


def test_a_curve_that_could_not_be_measured_gives_its_reason():
    section = learning_curve.build(run_of({"learning_curve": {"points": [], "note": "no example could be held out"}}))
    assert section.says == "That could not be measured: no example could be held out."
    assert section.content is None


def test_one_point_is_no_curve():
    assert learning_curve.build(run_of({"learning_curve": {"points": [{"n": 5, "value": 0.3}]}})) is None


# Advice


def test_an_unclear_verdict_says_how_many_test_examples_would_tell():
    evidence = bare()
    evidence["n"]["test"] = 100
    evidence["verdict"]["difference"] = {"value": 0.04, "low": -0.04, "high": 0.12, "level": 0.95}
    # the bar must become half as long, so four times the examples
    assert "roughly 400 would tell" in steps_of(run_of(evidence))["Collect more test examples"]


def test_a_difference_near_zero_is_not_worth_chasing():
    evidence = bare()
    for value in (0.0, 0.001):
        evidence["verdict"]["difference"] = {"value": value, "low": -0.04, "high": 0.04, "level": 0.95}
        assert "far larger" in steps_of(run_of(evidence))["Collect more test examples"]


def test_a_steep_forecast_asks_for_labels_and_a_flat_one_does_not():
    evidence = classification()
    assert "Label more training examples" in steps_of(run_of(evidence))
    evidence["learning_curve"]["forecast"]["value"] = evidence["learning_curve"]["points"][-1]["value"] + 0.002
    assert "Do not label more of the same" in steps_of(run_of(evidence))


def test_a_class_far_below_the_others_is_named():
    rows = {name: {"recall": interval(0.95, half=0.03), "n": 50} for name in "abc"}
    rows["d"] = {"recall": interval(0.5, half=0.1), "n": 50}
    assert any("Look at" in what for what in steps_of(run_of({"test": {"per_class": rows}})))
    rows["d"] = {"recall": interval(0.9, half=0.1), "n": 50}
    assert not any("Look at" in what for what in steps_of(run_of({"test": {"per_class": rows}})))


def test_much_cut_off_suggests_to_let_the_network_see_more():
    cut = {"preprocessing": {"kind": "image", "cut_off_fraction": 0.32}}
    assert "On average 32\u202f%" in steps_of(run_of(bare(), plan=cut))["Let the network see more"]
    assert "Let the network see more" not in steps_of(
        run_of(bare(), plan={"preprocessing": {"kind": "image", "cut_off_fraction": 0.02}})
    )


def test_a_test_split_that_was_read_twice_asks_for_new_data():
    assert next(iter(steps_of(run_of(two_classes())))) == "Test on new data"


# The rest


def test_the_primary_metric_stands_first_and_a_missing_interval_is_said():
    rows = metrics.build(run_of({**two_classes()})).content.rows
    assert (rows[0].label, rows[0].is_primary) == ("Macro-F1", True)
    assert {row.span for row in metrics.build(run_of(bare())).content.rows} == {"no interval"}


def test_of_an_evaluation_nothing_says_that_its_examples_were_kept_from_the_model():
    evidence = {key: value for key, value in classification().items() if key not in ("verdict", "guard")}
    run = run_of(evidence)
    said = [metrics.build(run).says, data.build(run).says, *(fact.remark for fact in build_result(run).facts)]
    said += [text for _, text in method.build(run).content.statements]
    for words in ("took no part", "kept apart", "read once", "sealed"):
        assert words not in " ".join(said)
    assert "given to evaluate" in metrics.build(run).says


def test_slices_are_sorted_by_value():
    section = slices.build(run_of(two_classes()))
    assert [row.name for row in section.content.columns[0].rows] == ["coast", "south", "north"]
    assert "from 0.710" in section.says


def test_the_guard_names_its_choice_and_what_it_could_not_measure():
    content = guard.build(run_of(fell_back())).content
    assert [(each.name, each.loss, each.is_chosen) for each in content.candidates] == [
        ("Colours and edges, no network", "0.301", True),
        ("Linear probe", "0.542", False),
        ("Nearest neighbours (kNN)", "not measured", False),
    ]
    assert "fell back" in guard.build(run_of(fell_back())).says


def test_a_guard_that_could_hold_nothing_out_says_so():
    assert "nothing was compared" in guard.build(run_of({"guard": {"rows": 0, "chosen": "linear_probe"}})).says


def test_classes_are_counted_per_split():
    evidence = classification(["a", "b"], test_per_class=10, n_train=40)
    content = data.build(run_of(evidence, plan=plan(evidence))).content
    assert content.splits == ("train", "test")
    assert [(row.name, row.counts) for row in content.rows] == [("a", ("20", "10")), ("b", ("20", "10"))]
    assert content.totals == ("40", "20")


def test_data_that_came_without_a_split_are_counted_whole_by_class():
    evidence = classification(["a", "b"], test_per_class=10, n_train=40)
    counts = {"a": {"all": 40}, "b": {"all": 20}}
    section = data.build(run_of(evidence, plan={"data": {"n": 60, "classes": counts}}))
    content = section.content
    assert content.splits == ("all",) and content.totals == ("60",)
    assert [(row.name, row.counts) for row in content.rows] == [("a", ("40",)), ("b", ("20",))]
    assert section.says.endswith("The smallest class has 20 examples, the largest 40.")


def test_inputs_that_were_left_out_are_listed():
    document = {"data": {"name": "x", "left_out": [{"id": "a.jpg", "reason": "truncated"}]}}
    (item,) = data.build(run_of({}, plan=document)).content.left_out
    assert (item.name, item.reason) == ("a.jpg", "truncated")


def test_a_decision_with_parts_is_readable_and_its_reason_is_not_said_twice():
    value = {"name": "eager", "loss": {"a": 0.123456789}, "reason": "measured"}
    content = planned.build(
        run_of({}, decisions=({"name": "runtime/twin", "value": value, "reason": "measured"},))
    ).content
    (decision,) = content.decisions
    assert (decision.name, decision.value, decision.reason) == (
        "runtime: twin",
        "name eager, loss (a 0.1235)",
        "measured",
    )


def test_a_step_that_cannot_be_counted_has_a_dash():
    step = {"name": "report", "what": "one page", "count": 0, "seconds": None}
    content = planned.build(run_of({}, plan={"steps": [step]})).content
    assert (content.steps[0].count, content.steps[0].seconds) == ("–", "–")


def test_only_intervals_of_metrics_that_are_there_are_explained():
    text = dict(method.build(run_of(two_classes())).content.statements)["Intervals"]
    assert "Newcombe" in text
    assert "Newcombe" not in dict(method.build(run_of(classification())).content.statements)["Intervals"]


def test_settings_are_dotted_and_folders_of_the_author_are_not_shown():
    config = {"data": "/home/somebody/secret/photos", "model": {"name": "x", "resize": "crop"}, "test": None}
    settings = dict(planned.build(run_of({}, config=config)).content.settings)
    assert settings == {"data": "photos", "model.name": "x", "model.resize": "crop", "test": "–"}


@pytest.mark.parametrize(
    ("source", "link"),
    [
        ("https://example.org/a", "https://example.org/a"),
        ("javascript:alert(1)", ""),
        ("https://example.org/a b", ""),
        ("a package", ""),
    ],
)
def test_only_addresses_of_the_web_become_links(source, link):
    facts = {
        fact.label: fact for fact in model.build(run_of({"backbone": {"name": "x", "source": source}})).content.facts
    }
    assert (facts["Source"].value, facts["Source"].link) == (source, link)


def test_an_unknown_licence_is_said():
    assert "not known" in model.build(run_of({"backbone": {"name": "x"}})).says


def test_the_method_names_seed_and_reads():
    run = replace(run_of(classification()), config={"seed": 7})
    facts = dict(method.build(run).content.facts)
    assert (facts["Seed"], facts["Reads of the test split"]) == ("7", "1")


def test_predictions_above_the_line_stand_above_it():
    section = {
        "n": 2,
        "points": [[0.0, 2.0], [2.0, 0.0]],
        "cells": None,
        "error_quantiles": {"0.05": -2.0, "0.95": 2.0},
    }
    content = residuals.build(run_of({**bare(), "residuals": section})).content
    too_high, too_low = content.points
    assert too_high.x < 50 and too_high.y < 50  # small truth, drawn to the left; y grows downward
    assert too_low.x > 50 and too_low.y > 50
    assert content.spread == (("5\u202f%", "\u22122"), ("95\u202f%", "+2"))


def test_many_numbers_are_drawn_as_counted_fields():
    cells = {"true_edges": [0.0, 1.0, 2.0], "predicted_edges": [0.0, 1.0, 2.0], "counts": [[9, 0], [1, 3]]}
    section = {"n": 13, "points": None, "cells": cells, "error_quantiles": {}}
    fields = residuals.build(run_of({**bare(), "residuals": section})).content.cells
    assert [field.tone for field in fields] == [9, 1, 3]
    assert fields[0].x < fields[1].x and fields[0].y == fields[1].y  # more truth stands further right


def test_texts_are_shown_where_there_are_no_pictures():
    one = {"id": "7", "target": "a", "prediction": "b", "probability": 0.9, "text": "How do I get a card?"}
    content = mistakes.build(run_of(bare(), mistakes=({**one, "nearest": []},))).content
    assert content.layout == "words"
    assert content.items[0].example.excerpt.text == "How do I get a card?"
