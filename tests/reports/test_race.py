"""The section about a race: its sentences, its table, its drawing, and whatever may be missing in a file."""

import copy
import json

import pytest
from hypothesis import given, settings

from headstart.reports import render
from headstart.reports.drawn_settings import dimension, in_words
from headstart.reports.page import page_html
from headstart.reports.race_drawing import Course, draw
from headstart.reports.run_files import RunFiles
from headstart.reports.sections import build_sections, race
from reports.chromium import DESKTOP, PHONE, REASON, find_chromium
from reports.helpers_reports import bare, classification, trial, write_run
from reports.test_chromium import CONTRAST, STICKS_OUT
from reports.test_page import HOSTILE, ODD, Page

needs_chromium = pytest.mark.skipif(find_chromium() is None, reason=REASON)


def entry(name, loss, score=0.8, cycles=1, kept=1, over="", curve=(), **drawn):
    return {
        "name": name,
        "method": name.partition("#")[0],
        "drawn": drawn,
        "cycles": cycles,
        "kept": kept,
        "val_loss": loss,
        "val_score": score,
        "seconds": 30.0,
        "spent": 30.0 * cycles,
        "over": over,
        "curve": [list(point) for point in curve],
    }


TRIED = (
    entry("lp_ft#1", 0.4712, 0.84, curve=[(30, 0.4712)]),
    entry("from_scratch#2", 2.02, 0.31, curve=[(55, 2.02)]),
    entry("lp_ft#3", 0.43, 0.873, 2, 2, curve=[(90, 0.445), (120, 0.43)], freeze=-1, lr=1.7, augmentation="strong"),
    entry("fine_tune#4", None, None, 0, 0, "failed: no memory is left", lr=2.6),
    entry("bitfit#5", 0.44, 0.86, 2, 1, "no better validation loss for 10 epochs", [(150, 0.44), (180, 0.46)]),
)


def raced(tried=TRIED, best="lp_ft#3", **changed):
    """A run whose best trial ships."""
    evidence = classification(name="raced")
    report = trial(0.491, [0.47, 0.46, 0.44, 0.43])
    report["settings"] = {**report["settings"], "epochs": 4, "cycles": 2}
    evidence["training"] = {"lp_ft": {**report, "n_val": 110}}
    evidence["guard"] = {**evidence["guard"], "chosen": "lp_ft"}
    evidence["race"] = {
        "best": best,
        "trials": copy.deepcopy(list(tried)),
        "stopped": "the time that was left was too short for another training",
        "seconds": 156.0,
        "importance": {"lr": 0.6, "freeze": 0.3, "method": 0.1},
        **changed,
    }
    return evidence


def section_of(evidence, plan=None):
    return race.build(RunFiles("run", evidence, plan=plan or {}))


def test_the_sentences_say_what_was_tried_what_it_brought_why_it_ended_and_what_mattered():
    assert section_of(raced()).says == (
        "5 trainings with different settings were made in 2\u202fmin 36\u202fs. The best, number 3, brought the "
        "validation loss from 0.491 (the linear probe) to 0.430, and accuracy there from 80.0\u202f% to 87.3\u202f%. "
        "The race ended since the time that was left was too short for another training. What mattered most, as far "
        "as so few trainings tell: the learning rate (60\u202f%), then how many stages stay frozen (30\u202f%)."
    )


def test_a_best_that_was_not_chosen_is_said():
    evidence = raced()
    evidence["guard"]["chosen"] = "linear_probe"
    assert "All the same it was not chosen." in section_of(evidence).says


def together(how, chosen="lp_ft"):
    """A run whose race combined two of its trainings."""
    told = {"how": how, "members": ["lp_ft#3", "bitfit#5"], "times": [1, 1], "val_loss": 0.412, "single": 0.43}
    evidence = raced(combined={**told, "why": "they are averaged"})
    evidence["training"]["lp_ft"] |= {"combined": {"how": how, "members": [{}, {}]}, "end": {"val_loss": 0.412}}
    evidence["guard"]["chosen"] = chosen
    return evidence


def test_averaged_weights_and_outputs_are_said_with_what_they_cost():
    assert (
        "The averaged weights of numbers 3 and 5 came to 0.412 instead of 0.430: one network, which is as fast as each "
        "of them. The race ended"
    ) in section_of(together("soup")).says
    assert (
        "The averaged outputs of numbers 3 and 5 came to 0.412 instead of 0.430: 2 networks, each of which takes its "
        "time at every prediction. The race ended"
    ) in section_of(together("ensemble")).says


def test_what_was_combined_and_not_chosen_is_said_once():
    says = section_of(together("soup", chosen="linear_probe")).says
    assert says.count("All the same it was not chosen.") == 1 and "as each of them. All the same" in says


def test_that_nothing_was_combined_is_said_with_the_reason():
    nothing = {"how": None, "members": [], "times": [], "val_loss": None, "single": 0.43, "why": "no time was left"}
    assert "Nothing was combined: no time was left. The race ended" in section_of(raced(combined=nothing)).says


@pytest.mark.parametrize(("how", "what"), [("soup", "weights"), ("ensemble", "outputs")])
def test_the_section_of_the_training_says_that_it_is_several(how, what):
    (says,) = (each.says for each in build_sections(RunFiles("run", together(how))) if each.name == "training")
    assert f"and the averaged {what} of 2 trainings did better" in says


def test_a_best_that_is_no_better_than_its_start_is_said():
    tried = (entry("lp_ft#1", 0.5),)
    says = section_of(raced(tried, "lp_ft#1", importance={})).says
    assert "was no better than the linear probe it began from, with a validation loss of 0.500." in says
    assert says.startswith("One training was made in 2\u202fmin 36\u202fs.") and "mattered" not in says


def test_where_nothing_was_trained_the_reason_and_what_would_be_enough_are_said():
    evidence = raced((), None, stopped="the time that was given was too short for a training.", importance={})
    del evidence["training"]
    section = section_of(evidence, plan={"minimum": 0.8})
    assert section.says == (
        "No network was trained further. The reason: the time that was given was too short for a training. About 0.8 "
        "minutes would have been enough."
    )
    assert section.is_wide and section.content.drawing is None


def test_where_all_failed_the_cause_is_said():
    failed = (entry("lp_ft#1", None, None, 0, 0, "failed: no memory"),)
    evidence = raced(failed, None, stopped="the training failed: no memory", importance={})
    del evidence["training"]
    assert section_of(evidence).says.endswith("The race ended since the training failed: no memory.")


def test_rows_tell_settings_in_words_and_why_a_training_got_no_more_time():
    rows = section_of(raced()).content.rows
    assert [row.number for row in rows] == ["1", "2", "3", "4", "5"]
    assert rows[0].settings == "as measured on these examples"
    assert rows[2].settings == "1 stage fewer frozen, rate \u00d7 1.7, stronger views" and rows[2].is_best
    assert (rows[3].loss, rows[3].cycles, rows[3].note) == ("–", "–", "Failed: no memory is left.")
    assert rows[4].note == "Best after its first cycle. No better validation loss for 10 epochs."
    assert rows[4].seconds == "1\u202fmin 0\u202fs"


def test_other_settings_in_words():
    assert in_words({"freeze": 2, "lr": 0.303, "stage_decay": 0.7}) == (
        "2 stages more frozen, rate \u00d7 0.3, each lower stage slower (\u00d7 0.7)"
    )
    assert in_words({"rank": 8, "label_smoothing": 0.1, "augmentation": "light"}) == (
        "light views, labels smoothed by 0.1, rank 8"
    )
    assert (dimension("lp_ft.lr"), dimension("rank"), dimension("method")) == (
        "the learning rate",
        "rank",
        "the method",
    )


def test_the_drawing_places_seconds_and_losses_and_says_what_lies_too_high():
    drawing = section_of(raced()).content.drawing
    assert drawing.unit == "minutes" and drawing.note == "Above 0.982, and not drawn: 2."
    best = drawing.ways[-1]
    assert best.style == "chosen" and best.name == "3"
    # from 0 to 3 minutes, and from 0.42 to 0.5
    assert best.dots == ((50.0, pytest.approx(68.75)), (66.67, pytest.approx(87.5)))
    assert drawing.level == pytest.approx(11.25)


def test_names_of_neighbours_are_not_drawn_over_each_other():
    close = [Course(str(i), ((10.0 + i / 10, 0.5), (20.0, 0.4)), i == 2) for i in range(4)]
    assert [way.name for way in draw(close, None, str).ways if way.name] == ["2"]
    assert draw(close[:0], 0.5, str) is None
    assert draw([Course("1", ((3.0, 0.5),), True)], 0.5, str) is None


def test_epochs_of_a_training_of_several_cycles_say_so():
    sections = {section.name: section for section in build_sections(RunFiles("run", raced()))}
    assert dict(sections["training"].content.settings)["Epochs"] == "4 in 2 cycles"
    names = list(sections)
    assert names.index("race") + 1 == names.index("training")


@pytest.mark.parametrize("value", [None, {}, [], "text"])
def test_without_a_race_there_is_no_section(value):
    assert section_of({**bare(), "race": value}) is None


@pytest.mark.parametrize("key", [*together("soup")["race"], *(f"trials.{key}" for key in TRIED[0])])
@pytest.mark.parametrize("odd", [None, "text", -1.5, [], {}, [[1]]])
def test_every_key_may_be_missing_or_odd(key, odd):
    evidence = together("soup")
    first, _, inner = key.partition(".")
    for part in evidence["race"]["trials"] if inner else [evidence["race"]]:
        part[inner or first] = odd
    assert Page(page_html(RunFiles("run", evidence))).faults == []
    for part in evidence["race"].get("trials") or [] if inner else [evidence["race"]]:
        part.pop(inner or first)
    assert Page(page_html(RunFiles("run", evidence))).faults == []


@settings(max_examples=60, deadline=None)
@given(ODD, ODD)
def test_any_value_may_stand_anywhere(one, other):
    evidence = raced()
    evidence["race"]["trials"] = [{**TRIED[0], "curve": one, "drawn": other}, one, {**TRIED[2], "val_loss": other}]
    evidence["race"]["importance"] = one
    evidence["race"]["combined"] = {"how": other, "members": [one, other], "val_loss": 0.4, "single": 0.5, "why": one}
    assert Page(page_html(RunFiles("run", evidence))).faults == []


def hostile():
    """A race whose every text is foreign."""
    tried = [
        {**entry(f"{text}#1", 0.4, over=text, curve=[(1, 0.4), (2, 0.3)]), "drawn": {text: text, "augmentation": text}}
        for text in HOSTILE
    ]
    evidence = json.loads(json.dumps(raced(tried, None, stopped=HOSTILE[0], importance={HOSTILE[0]: 1.0})))
    return evidence


def test_foreign_texts_are_only_texts(tmp_path):
    assert Page(render(write_run(tmp_path / "run", hostile())).read_text(encoding="utf-8")).faults == []


@needs_chromium
@pytest.mark.parametrize("window", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("make", [raced, hostile])
def test_nothing_sticks_out_and_every_text_can_be_read(browser, tmp_path, make, window):
    browser.open(render(write_run(tmp_path / "run", make())), **window)
    assert browser.ask("document.documentElement.scrollWidth") <= window["width"]
    assert browser.ask(STICKS_OUT) == []
    assert browser.complaints() == []
    ratio, where = browser.ask(CONTRAST)
    assert ratio >= 4.5, where
