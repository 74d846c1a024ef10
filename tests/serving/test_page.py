"""The page in a real Chromium: asked, explained, remarked on, by mouse and by keyboard."""

from __future__ import annotations

import pytest

from headstart.data.feedback import FeedbackStore
from reports.chromium import DESKTOP, PHONE, REASON, Chromium, find_chromium
from serving.helpers_page import Served

pytestmark = pytest.mark.skipif(find_chromium() is None, reason=REASON)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return str(tmp_path_factory.mktemp("feedback") / "f.sqlite")


@pytest.fixture(scope="module")
def served(shared, store):
    with Served(shared.run.path, feedback=store) as found:
        yield found


@pytest.fixture(scope="module")
def browser():
    with Chromium(find_chromium()) as found:
        yield found


@pytest.fixture
def tab(browser, served):
    browser.heard.clear()
    browser.asked.clear()
    browser.tab.set_viewport_size(DESKTOP)
    browser.tab.goto(served.url)
    browser.tab.wait_for_selector("#fields .field")
    return browser.tab


def ask(tab, path):
    tab.set_input_files("input[type=file]", str(path))
    tab.click("#send")
    tab.wait_for_selector("#said:not([hidden])")


def test_a_picture_is_answered_explained_and_the_remark_is_kept(browser, tab, served, shared, store):
    ask(tab, shared.photos / "red" / "9.png")
    said = tab.inner_text("#prediction")
    assert said in ("blue", "green", "red")
    assert tab.locator("#classes tbody tr").count() == 3
    tab.click("#explain")
    tab.wait_for_selector("#explained img")
    assert said in tab.inner_text("#explained")
    tab.select_option("#label", "green")
    tab.click("#feedback [type=submit]")
    tab.wait_for_selector("#thanks:has-text('Kept')")
    (row,) = FeedbackStore(store).rows()
    assert (row["prediction"], row["label"]) == (said, "green")
    assert browser.heard == []
    assert all(url.startswith((served.url, "blob:", "data:")) for url in browser.asked)


def test_what_cannot_be_used_is_said(tab, tmp_path):
    (tmp_path / "x.png").write_bytes(b"no picture")
    tab.set_input_files("input[type=file]", str(tmp_path / "x.png"))
    tab.click("#send")
    tab.wait_for_selector("#refused:not([hidden])")
    assert "cannot be used" in tab.inner_text("#refused")


def test_nothing_chosen_is_said_before_anything_is_sent(browser, tab):
    browser.asked.clear()
    tab.click("#send")
    tab.wait_for_selector("#refused:not([hidden])")
    assert "Choose a picture" in tab.inner_text("#refused") and browser.asked == []


def test_the_keyboard_is_enough(tab, shared):
    tab.set_input_files("input[type=file]", str(shared.photos / "red" / "9.png"))
    tab.keyboard.press("Tab")
    seen = []
    for _ in range(8):
        seen.append(tab.evaluate("document.activeElement.id"))
        if seen[-1] == "send":
            break
        tab.keyboard.press("Tab")
    assert seen[-1] == "send"
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#said:not([hidden])")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_is_wider_than_the_window(tab, shared, size):
    tab.set_viewport_size(size)
    ask(tab, shared.photos / "red" / "9.png")
    assert tab.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_markup_in_names_is_shown_and_not_run(tab):
    hostile = "<img src=x onerror='document.title=1'>"
    row = {
        "prediction": hostile,
        "probability": 0.9,
        f"probability_{hostile}": 0.9,
        "set": f"{hostile}|b",
        "error": None,
    }
    tab.evaluate("name => { state.model.class_names = [name]; }", hostile)
    tab.evaluate("row => show(row, state.model)", row)
    assert tab.inner_text("#prediction") == hostile
    assert tab.locator("#said img").count() == 0 and tab.title() != "1"


def test_a_key_is_asked_for_and_used(browser, shared, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("a-secret-of-sixteen\n")
    with Served(shared.run.path, api_key_file=keys) as served:
        browser.tab.once("dialog", lambda dialog: dialog.accept("a-secret-of-sixteen"))
        browser.tab.goto(served.url)
        browser.tab.wait_for_selector("#fields .field")
        ask(browser.tab, shared.photos / "red" / "9.png")
        browser.tab.evaluate("sessionStorage.clear()")
