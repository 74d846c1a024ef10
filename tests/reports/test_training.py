import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.run_folder import RunFolder
from headstart.reports import render
from headstart.reports.page import page_html
from headstart.reports.run_files import RunFiles
from headstart.reports.sections import build_sections, training
from headstart.reports.trials import trials
from reports.chromium import DESKTOP, PHONE, REASON, find_chromium
from reports.helpers_reports import bare, classification, trained, trial, write_run
from reports.test_chromium import CONTRAST, STICKS_OUT
from reports.test_page import HOSTILE, ODD, Page

needs_chromium = pytest.mark.skipif(find_chromium() is None, reason=REASON)


def section_of(cost=None, config=None, task="classification", chosen=None, **reports):
    evidence = {**bare(), "task": task, "training": reports, "cost": {"training": cost or {}}}
    if chosen:
        evidence["guard"] = {"chosen": chosen}
    return training.build(RunFiles("run", evidence, config=config or {}))


def says(report, **more):
    return section_of(lp_ft=report, **more).says


def mixed(start, losses, end, **told):
    report = trial(start, losses)
    return {**report, "end": {"val_loss": end}, "method": {"moved": True, **told}}


# The sentence


def test_the_sentence_says_from_where_to_where_and_which_epoch_was_best():
    report = trial(0.557, [0.6, 0.55, 0.528, 0.53])
    assert says(report) == (
        "Validation loss went from 0.557 (the linear probe) to 0.528; the best point was epoch 3 of 4."
    )


def test_when_no_epoch_was_better_the_probe_was_kept():
    assert says(trial(0.557, [0.6, 0.58])) == (
        "No epoch was better than the linear probe (validation loss 0.557), so the probe was kept."
    )


def test_a_mix_of_start_and_end_is_called_one():
    assert says(mixed(0.491, [0.5, 0.461], 0.448, share=0.75)) == (
        "Validation loss went from 0.491 (the linear probe) to 0.448: the best epoch, 2 of 2, reached 0.461, and a "
        "mix, 75\u202f% of the way from the start to the end of the training, did better."
    )


def test_a_mix_can_be_better_although_no_epoch_was():
    assert says(mixed(0.4, [0.5, 0.45], 0.39, ingredients=[1, 0])) == (
        "No epoch was better than the linear probe (validation loss 0.400), but the mean of 2 points of the training "
        "was with 0.390."
    )


def test_a_start_that_is_not_finite_is_said():
    assert says(trial(None, [0.6, 0.58])) == (
        "The start, the linear probe, had no finite validation loss; the best point was epoch 2 of 2, with 0.580."
    )


def test_random_weights_are_no_probe():
    section = section_of(from_scratch=trial(2.3, [2.1]))
    assert section.says == (
        "Validation loss went from 2.300 (random weights) to 2.100; the best point was epoch 1 of 1."
    )
    assert section_of(from_scratch=trial(2.3, [2.4])).says.endswith(", so they were kept.")


def test_the_same_network_from_random_weights_is_mentioned():
    section = section_of(from_scratch=trial(2.3, [2.1]), lp_ft=trial(0.5, [0.4]))
    assert section.says.endswith("The same network, trained from random weights, came to 2.100.")


def test_a_training_that_was_not_chosen_is_said():
    assert says(trial(0.5, [0.4]), chosen="linear_probe").endswith(
        "The model of this page is another one all the same: \u201c\u2068Linear probe\u2069\u201d."
    )
    assert "another one" not in says(trial(0.5, [0.4]), chosen="lp_ft")


def test_squared_errors_keep_four_digits():
    assert "went from 1,234,568 (the linear probe) to 0.01235;" in says(trial(1234567.8, [0.012345]), task="regression")


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        ({"n_val": 3}, "How far the training came was not written down."),
        ({"best": {"epoch": 2}}, "The best point was epoch 2; its validation loss was not written down."),
        ({"best": {"epoch": 0}}, "No epoch was better than the linear probe, so the probe was kept."),
    ],
)
def test_missing_keys_leave_a_plain_sentence(report, sentence):
    section = section_of(lp_ft=report)
    assert section.says == sentence
    assert section.content.drawings == ()


# Which training the section is about


def test_what_was_chosen_comes_first_then_what_was_asked_for_and_random_weights_last():
    reports = {"from_scratch": trial(2.3, [2.1]), "lora": trial(0.5, [0.45]), "lp_ft": trial(0.5, [0.4])}

    def names(chosen=None, asked=None):
        evidence = {"training": reports, "guard": {"chosen": chosen}}
        return [each.name for each in trials(RunFiles("run", evidence, config={"method": {"name": asked}}))]

    assert names()[0] == "lora"
    assert names(asked="lp_ft")[0] == "lp_ft"
    assert names(chosen="lora", asked="lp_ft")[0] == "lora"
    assert names(chosen="from_scratch", asked="lp_ft")[0] == "lp_ft"


# The drawing


def drawing_of(*args, **more):
    (drawing,) = section_of(lp_ft=trial(*args, **more)).content.drawings
    return drawing


def test_lines_stand_where_epochs_and_losses_say():
    # the losses 0.2 to 0.6 give an axis with ticks at 0.2, 0.3, ... 0.6: 0.1 is 25 %
    drawing = drawing_of(0.5, [0.6, 0.4, 0.3, 0.4], train=[0.5, 0.4, 0.3, 0.2])
    own, thin = drawing.lines
    assert own.pieces == ("0.0,25.0 25.0,0.0 50.0,50.0 75.0,75.0 100.0,50.0",)
    assert thin.pieces == ("25.0,25.0 50.0,50.0 75.0,75.0 100.0,100.0",)
    assert [tick.label for tick in drawing.x_axis.ticks] == ["start", "1", "2", "3", "4"]
    assert [tick.label for tick in drawing.y_axis.ticks] == ["0.2", "0.3", "0.4", "0.5", "0.6"]
    assert drawing.level == 25.0
    assert drawing.best == (75.0, 75.0)
    assert [mark.text for mark in drawing.marks] == ["start: 0.500", "best: epoch 3, 0.300"]
    assert (own.style, thin.style) == ("own", "thin")


def test_a_best_point_at_the_start_is_marked_there():
    drawing = drawing_of(0.5, [0.6, 0.7])
    assert drawing.best == (0.0, drawing.level)
    assert [mark.text for mark in drawing.marks] == ["start, kept: 0.500"]


def test_a_loss_that_is_not_finite_is_a_gap_and_is_explained():
    drawing = drawing_of(0.5, [0.6, None, 0.3, 0.4])
    assert [len(piece.split()) for piece in drawing.lines[0].pieces] == [2, 2]
    assert drawing.note == "Validation loss: no finite number in epoch 2."


def test_an_epoch_without_a_record_is_a_gap():
    report = trial(0.5, [0.6, 0.5, 0.3, 0.4])
    del report["history"][1]
    (drawing,) = section_of(lp_ft=report).content.drawings
    assert [len(piece.split()) for piece in drawing.lines[0].pieces] == [2, 2]


def test_a_loss_that_ran_away_does_not_hide_the_others():
    drawing = drawing_of(0.5, [0.6, 51.2, 0.4, 0.3])
    assert drawing.y_axis.high == pytest.approx(0.6)
    assert drawing.note == "Validation loss: above 1.500, and not drawn, in epoch 2."


def test_a_single_epoch_is_drawn():
    drawing = drawing_of(0.5, [0.4])
    assert drawing.lines[0].pieces == ("0.0,0.0 100.0,100.0",)
    assert [tick.label for tick in drawing.x_axis.ticks] == ["start", "1"]


def test_a_single_epoch_without_a_start_is_a_dot():
    drawing = drawing_of(None, [0.4])
    assert drawing.lines[0].pieces == ()
    assert drawing.lines[0].dots == ((100.0, 50.0),)
    assert drawing.level is None


@pytest.mark.parametrize("losses", [[0.0, 0.0], [1e-15, 2e-16], [1e14, 1e13]])
def test_extreme_losses_are_drawn(losses):
    assert drawing_of(losses[0], losses).lines[0].pieces


def test_small_changes_have_ticks_that_differ():
    labels = [tick.label for tick in drawing_of(0.5570, [0.5571, 0.5572]).y_axis.ticks]
    assert len(set(labels)) == len(labels) > 2


def test_other_trainings_nearby_share_the_drawing():
    section = section_of(lp_ft=trial(0.5, [0.4, 0.3]), lora=trial(0.5, [0.45, 0.35]), bitfit=trial(0.5, [0.49, 0.48]))
    (drawing,) = section.content.drawings
    assert [line.style for line in drawing.lines] == ["own", "other o1", "other o2"]
    assert drawing.lines[1].label == "Validation loss: LoRA"


def test_trainings_far_away_get_a_drawing_of_their_own():
    section = section_of(lp_ft=trial(0.5, [0.45, 0.4], train=[0.4, 0.3]), from_scratch=trial(2.3, [2.2, 1.9]))
    first, second = section.content.drawings
    assert [line.style for line in first.lines] == ["own", "thin"]
    assert [line.style for line in second.lines] == ["own", "other o1"]
    assert first.y_axis.high < 1 < second.y_axis.high
    assert second.lines[1].pieces
    assert [line.label for line in second.lines] == [
        "Probe, then fine-tuning (LP\u2011FT)",
        "Same network, from scratch",
    ]
    assert (second.marks, second.best) == ((), None)


def test_a_loss_of_another_unit_is_not_drawn_beside_the_validation_loss():
    section = section_of(task="regression", lp_ft=trial(25.0, [16.0], train=[0.4]))
    assert [line.style for line in section.content.drawings[0].lines] == ["own"]
    assert "training loss" not in section.read


def test_the_name_of_the_best_point_stays_inside():
    marks = [drawing_of(0.5, [0.5] * before + [0.2] + [0.5] * (8 - before)).marks[-1] for before in (0, 4, 8)]
    assert [mark.anchor for mark in marks] == ["start", "middle", "end"]
    assert all(mark.dy < 0 for mark in marks)  # at the floor it stands above its point


# Tables


def test_stages_are_frozen_trained_or_without_parameters():
    content = section_of(lp_ft=trial(0.5, [0.4])).content
    assert [(each.name, each.state, each.parameters) for each in content.stages] == [
        ("stem", "frozen", "900"),
        ("layer1", "frozen", "20,000"),
        ("layer2", "trained", "1,500,000"),
        ("pool", "nothing to train", "0"),
    ]
    assert content.total == "1,500,000 of 1,520,900 parameters were trained"


def test_many_stages_are_folded():
    stages = [{"stage": f"block {i}", "trained": True, "parameters": 5} for i in range(30)]
    assert section_of(lp_ft=trial(0.5, [0.4], stages=stages)).content.are_stages_folded
    assert not section_of(lp_ft=trial(0.5, [0.4])).content.are_stages_folded


def test_settings_are_said_in_plain_words():
    report = trial(0.5, [0.4, 0.3])
    report["settings"]["epochs"] = 6
    assert dict(section_of(lp_ft=report).content.settings) == {
        "Epochs": "6, of which 2 were made",
        "Examples per step": "32",
        "Learning rate": "0.0001 at its largest",
        "Precision": "float32",
        "Augmentation": "light: examples are changed a little from epoch to epoch",
        "Views": "4 of each example, computed once and kept",
        "Frozen stages": "2 of 4, up to layer1",
    }


@pytest.mark.parametrize(
    ("changed", "key", "text"),
    [
        ({"augmentation": "none"}, "Augmentation", "none"),
        ({"views": 0}, "Views", "each example as it is"),
        ({"keep": False}, "Views", "a new one of each example in every epoch"),
        ({"freeze": 0}, "Frozen stages", "none"),
        ({"freeze": 9}, "Frozen stages", "9"),
        ({"freeze": -1}, "Frozen stages", "\u22121"),
    ],
)
def test_settings_by_value(changed, key, text):
    report = trial(0.5, [0.4])
    report["settings"].update(changed)
    assert dict(section_of(lp_ft=report).content.settings)[key] == text


def test_expected_and_measured_seconds_stand_beside_each_other():
    cost = {"lp_ft": {"predicted": {"epoch": 7.06}, "epochs": [{"seconds": 6.0}, {"seconds": 5.0}, {"seconds": None}]}}
    content = section_of(cost=cost, lp_ft=trial(0.5, [0.4, 0.3])).content
    assert (content.trials[0].predicted, content.trials[0].measured) == ("7.1\u202fs", "5.5\u202fs")
    assert content.has_seconds
    assert not section_of(lp_ft=trial(0.5, [0.4])).content.has_seconds


def test_messages_and_an_early_end_are_notes():
    one = trial(
        0.5, [0.4], messages=["memory is short: batches are computed in 2 parts"], stopped="it diverged 3 times"
    )
    assert section_of(lp_ft=one).content.notes == (
        "It ended early: it diverged 3 times.",
        "Memory is short: batches are computed in 2 parts.",
    )
    both = section_of(lp_ft=trial(0.5, [0.4]), lora=one).content.notes
    assert both[0] == "LoRA: it ended early: it diverged 3 times."


def test_every_number_of_an_epoch_is_in_a_table():
    cost = {"lp_ft": {"epochs": [{"seconds": 6.0}, {"seconds": 5.0}]}}
    (table,) = section_of(cost=cost, lp_ft=trial(0.5, [0.4, None], train=[0.31, 0.2])).content.tables
    assert table.rows == (
        ("1", "0.310", "0.400", "80.0\u202f%", "0.0001", "6.0\u202fs"),
        ("2", "0.200", "–", "–", "0.0001", "5.0\u202fs"),
    )


# Absence and odd shapes


@pytest.mark.parametrize("value", [None, {}, [], "text", {"lp_ft": None}, {"lp_ft": {}}])
def test_without_a_training_there_is_no_section(value):
    run = RunFiles("run", {**classification(), "training": value})
    assert "training" not in [section.name for section in build_sections(run)]
    assert 'id="training"' not in page_html(run)


@pytest.mark.parametrize("key", sorted(trial(0.5, [0.4])))
def test_every_key_may_be_missing_or_null(key):
    for evidence in (trained(), trained()):
        report = evidence["training"]["lp_ft"]
        report.pop(key)
        assert Page(page_html(RunFiles("run", evidence))).faults == []
        report[key] = None
        assert Page(page_html(RunFiles("run", evidence))).faults == []


KEYS = [
    "start",
    "best",
    "end",
    "history",
    "messages",
    "stopped",
    "lr",
    "method",
    "settings",
    "stages",
    "n_val",
    "epoch",
]
PARTS = st.dictionaries(
    st.sampled_from(
        ["val_loss", "train_loss", "epoch", "epochs", "views", "freeze", "share", "moved", "stage", "parameters"]
    ),
    st.none() | st.booleans() | st.floats() | st.integers(-3, 40) | st.just("text"),
)


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), ODD | PARTS | st.lists(PARTS, max_size=4)), ODD | PARTS)
def test_odd_shapes_break_nothing(report, cost):
    evidence = {**bare(), "training": {"lp_ft": report, "from_scratch": trial(2.0, [1.0])}, "cost": {"training": cost}}
    page = Page(page_html(RunFiles("run", evidence)))
    assert (page.faults, page.open) == ([], [])
    assert not re.search(r"\b(nan|inf|None)\b", page.text)


def test_the_page_shows_drawing_sentence_and_tables(tmp_path):
    page = Page(render(write_run(tmp_path / "run", trained())).read_text(encoding="utf-8"))
    assert "Validation loss went from 0.500 (the linear probe) to 0.460; the best point was epoch 5 of 6." in page.text
    assert "best: epoch 5, 0.460" in page.text
    assert "back to the best point" in page.text
    assert "1,500,000 of 1,520,900 parameters were trained" in page.text


def test_a_run_folder_is_read_like_any_other(tmp_path):
    folder = write_run(tmp_path / "run", trained())
    path = RunFolder(folder).evidence
    evidence = json.loads(path.read_text())
    evidence["training"]["lp_ft"]["start"]["val_loss"] = float("inf")  # as Python writes it, against our own rule
    path.write_text(json.dumps(evidence))
    assert "had no finite validation loss" in render(folder).read_text(encoding="utf-8")


# In a real browser


def hostile():
    evidence = trained()
    report = evidence["training"]["lp_ft"]
    report["messages"] = list(HOSTILE)
    report["stages"] = [{"stage": name, "trained": True, "parameters": 10**12} for name in HOSTILE]
    report["precision"] = report["stopped"] = report["settings"]["augmentation"] = "x" * 300
    evidence["training"] |= {name: trial(0.5, [0.4] * 60) for name in HOSTILE}
    return evidence


@needs_chromium
@pytest.mark.parametrize("window", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("make", [trained, hostile])
def test_nothing_sticks_out_and_every_text_can_be_read(browser, tmp_path, make, window):
    page = render(write_run(tmp_path / "run", make()))
    browser.open(page, **window)
    browser.ask("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert browser.ask("document.documentElement.scrollWidth") <= window["width"]
    assert browser.ask(STICKS_OUT) == []
    assert browser.complaints() == []
    ratio, where = browser.ask(CONTRAST)
    assert ratio >= 4.5, where


@needs_chromium
def test_points_are_painted_where_they_were_placed(browser, tmp_path):
    page = render(write_run(tmp_path / "run", trained()))
    browser.open(page, **DESKTOP)
    x, y = browser.ask("""
        (() => {
          const drawing = document.querySelector('#training .curve > svg').getBoundingClientRect();
          const best = document.querySelector('#training .curve > svg > circle.chosen').getBoundingClientRect();
          return [(best.left + best.width / 2 - drawing.left) / drawing.width,
                  (best.top + best.height / 2 - drawing.top) / drawing.height];
        })()
    """)
    # epoch 5 of 6; 0.46 on an axis from 0 to 0.6
    assert x == pytest.approx(5 / 6, abs=0.01)
    assert y == pytest.approx(1 - 0.46 / 0.6, abs=0.01)


@needs_chromium
def test_names_in_the_drawing_do_not_leave_it(browser, tmp_path):
    page = render(write_run(tmp_path / "run", trained()))
    browser.open(page, **PHONE)
    assert browser.ask("""
        [...document.querySelectorAll('#training .label')].every(each => {
          const [own, all] = [each.getBoundingClientRect(), each.closest('figure').getBoundingClientRect()];
          return own.left >= all.left && own.right <= all.right;
        })
    """)
