"""The page for each kind of input in a real Chromium: what its form offers, and that it keeps nobody out."""

from __future__ import annotations

import json

import pytest

import headstart
from bundle.helpers_bundle import EVIDENCE, TASK, Choice, graph_of, linear_head
from bundle.helpers_text import write_words
from data.helpers_sound import encoded, sweep
from headstart import bundle
from headstart.bundle import WrittenNetwork
from headstart.core.schema import InputSchema, PartSchema
from headstart.data.modalities import modality
from made_tables import customers, write_csv
from reports.chromium import DESKTOP, PHONE, REASON, Chromium, find_chromium
from serving.helpers_page import Served

pytestmark = pytest.mark.skipif(find_chromium() is None, reason=REASON)
MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
DURATION = """new Promise((told) => {
  const audio = document.querySelector("audio");
  if (audio.readyState) told(audio.duration);
  audio.addEventListener("loadedmetadata", () => told(audio.duration));
  audio.addEventListener("error", () => told(0));
})"""
SOUND = PartSchema(modality="sound")


def pictures(folder, shared):
    """The photos' run again, with training examples in its bundle."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(shared.cache))
        return shared.fit(folder / "with_examples", include_examples=True).path


def texts(folder, shared):
    return write_words(folder / "bundle").folder


def sounds(folder, shared):
    """The speech embedding with random weights."""
    from headstart.backbones import catalogue
    from headstart.backbones.pretrained.load import load_card

    backbone = load_card(catalogue.default_card("sound"), random_seed=0)
    preparer = modality("sound").preparer(backbone.preprocessing, backbone.assets)
    prepared = [preparer.prepare(encoded(sweep(0.4, seed=0), 16000))]
    sources = [WrittenNetwork(SOUND, backbone, Choice(), graph_of(backbone, folder / "graphs"), prepared)]
    head, schema = linear_head(backbone.feature_dim), InputSchema(parts=(SOUND,))
    return bundle.write(
        folder / "b", sources=sources, fitted=head, task_dict=TASK, input_schema=schema, evidence=EVIDENCE
    ).folder


def rows(folder, shared):
    table = write_csv(folder / "customers.csv", customers())
    return headstart.fit(table, target="churn", method="linear_probe", threads=1, out=folder / "run").path


KINDS = {each.__name__: each for each in (pictures, texts, sounds, rows)}
WINDOWS = {
    "desktop_light": (DESKTOP, False),
    "phone_dark": (PHONE, True),
    "desktop_dark": pytest.param((DESKTOP, True), marks=pytest.mark.slow),
    "phone_light": pytest.param((PHONE, False), marks=pytest.mark.slow),
}


@pytest.fixture(scope="module")
def browser():
    with Chromium(find_chromium(), *MICROPHONE) as found:
        yield found


@pytest.fixture(scope="module")
def servers(shared, tmp_path_factory):
    """A server for each kind that a test asks for, kept until the last test of the file."""
    running = {}

    def server(kind):
        if kind not in running:
            folder = tmp_path_factory.mktemp(kind)
            running[kind] = Served(KINDS[kind](folder, shared), feedback=str(folder / "f.sqlite")).__enter__()
        return running[kind]

    yield server
    for each in running.values():
        each.__exit__(None, None, None)


@pytest.fixture
def opened(browser, servers):
    def open_page(kind, size=DESKTOP, *, dark=False):
        browser.heard.clear()
        browser.tab.set_viewport_size(size)
        browser.tab.emulate_media(color_scheme="dark" if dark else "light")
        browser.tab.goto(servers(kind).url)
        browser.tab.wait_for_selector("#fields .field")
        return browser.tab

    return open_page


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    path = tmp_path_factory.mktemp("recording") / "a.wav"
    path.write_bytes(encoded(sweep(0.4, seed=1), 16000))
    return path


def ask(tab):
    tab.click("#send")
    tab.wait_for_selector("#said:not([hidden])")


def answered_and_explained(tab, kind, shared, recording):
    if kind == "pictures":
        tab.set_input_files("input[type=file]", str(shared.photos / "red" / "9.png"))
    elif kind == "texts":
        tab.fill("textarea", "one two three")
    elif kind == "sounds":
        tab.set_input_files("input[type=file]", str(recording))
    else:
        tab.fill("#cell-age", "71")
    ask(tab)
    tab.click("#explain")
    tab.wait_for_selector("#explained p")


@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_serious_keeps_anybody_out(browser, opened, shared, recording, kind, window):
    size, is_dark = window
    tab = opened(kind, size, dark=is_dark)
    assert browser.violations() == []
    answered_and_explained(tab, kind, shared, recording)
    assert browser.violations() == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert browser.heard == []


def test_the_training_examples_most_like_a_picture_are_shown(opened, servers, shared):
    tab = opened("pictures")
    answered_and_explained(tab, "pictures", shared, None)
    assert tab.locator("#explained .alike li").count() == 3
    assert tab.locator("#explained .alike img").nth(0).evaluate("each => each.complete && each.naturalWidth > 0")
    said = tab.locator("#explained .alike li").all_inner_texts()
    assert all("likeness" in each and any(name in each for name in ("blue", "green", "red")) for each in said)


def test_whoever_passes_the_bundle_on_is_told_what_is_in_it(servers):
    run = servers("pictures").run
    warning = [
        each for each in json.loads((run / "evidence.json").read_text())["warnings"] if "include_examples" in each
    ]
    held = json.loads((run / "bundle" / "manifest.json").read_text())["examples"]
    assert len(warning) == 1 and f" {held['count']} training examples" in warning[0]
    assert warning[0] in (run / "model_card.md").read_text()


def test_a_recording_of_the_microphone_is_played_back_and_answered(browser, opened):
    tab = opened("sounds")
    tab.click("#record")
    tab.wait_for_selector("#record:has-text('Stop (1 s)')")
    tab.click("#record")
    tab.wait_for_selector("audio")
    assert tab.evaluate(DURATION) > 0.5
    assert tab.evaluate("document.querySelector('input[type=file]').files[0].name") == "recording.wav"
    ask(tab)
    assert tab.inner_text("#prediction") in ("cat", "dog", "emu")
    assert browser.heard == []


def test_categories_are_choices_and_numbers_say_where_they_mostly_lie(opened):
    tab = opened("rows")
    options = tab.locator("#cell-plan option").all_inner_texts()
    assert options == ["unknown", "basic", "plus", "pro", "something else"]
    assert tab.locator("#cell-mail option").all_inner_texts() == ["unknown", "yes", "no"]
    assert tab.get_attribute("#cell-age", "type") == "number" and tab.get_attribute("#cell-since", "type") == "date"
    age, since = tab.inner_text("label[for=cell-age]"), tab.inner_text("label[for=cell-since]")
    low, high = (float(word) for word in age.removeprefix("age mostly ").split(" to "))
    assert 18 <= low < 25 and 70 < high < 80  # of ages from 18 to 79
    assert since.startswith("since mostly 20")


def test_an_empty_row_and_a_strange_category_are_answered(opened):
    tab = opened("rows")
    ask(tab)
    unknown = tab.inner_text("#probability")
    tab.select_option("#cell-plan", "something else")
    ask(tab)
    assert tab.inner_text("#probability").endswith("sure") and unknown.endswith("sure")


def test_another_input_takes_the_former_answer_away(opened):
    tab = opened("texts")
    tab.fill("textarea", "one two")
    ask(tab)
    tab.fill("textarea", "three")
    assert tab.is_hidden("#said") and "press Predict" in tab.inner_text("#waiting")
