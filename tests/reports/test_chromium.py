"""The page in a real browser: nothing sticks out, nothing is asked for, nothing is complained about."""

import json

import pytest

from headstart.reports import render, render_audit
from reports.chromium import DESKTOP, PHONE, REASON, find_chromium
from reports.helpers_audit import AUDITS, finding, in_evidence, several, suspect, write_audit
from reports.helpers_audit import audit as audited
from reports.helpers_reports import EVIDENCE, classification, write_run
from reports.test_page import HOSTILE

pytestmark = pytest.mark.skipif(find_chromium() is None, reason=REASON)

# Elements whose box leaves the window, other than those inside a box that scrolls by itself or is hidden on purpose.
STICKS_OUT = """
[...document.querySelectorAll('body *')]
  .filter(e => !e.closest('.scroll, .bar, .hidden, .skip, .stack thead, .stack tfoot'))
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(e => e.outerHTML.slice(0, 120))
"""

# Smallest contrast of any text with the ground behind it, by the definition of WCAG 2.
CONTRAST = """
(() => {
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const luminance = colour => {
    const linear = c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = parts(colour).map(c => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parts(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return getComputedStyle(e).backgroundColor;
    }
    return 'rgb(255, 255, 255)';
  };
  let worst = [99, ''];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest('title') || element.closest('.hidden')) continue;
    const style = getComputedStyle(element);
    const colour = element.closest('svg') ? style.fill : style.color;
    const [x, y] = [luminance(colour), luminance(ground(element))].sort((a, b) => b - a);
    const ratio = (x + 0.05) / (y + 0.05);
    if (ratio < worst[0]) worst = [ratio, element.outerHTML.slice(0, 200)];
  }
  return worst;
})()
"""


@pytest.fixture(scope="module")
def page(request, tmp_path_factory):
    evidence = EVIDENCE[request.param]() if request.param in EVIDENCE else hostile()
    document = hostile_audit() if request.param == "hostile" else several()
    folder = write_run(tmp_path_factory.mktemp("pages") / request.param, {**evidence, "audit": in_evidence(document)})
    (folder / "audit.json").write_text(json.dumps(document), encoding="utf-8")
    return render(folder)


def hostile():
    evidence = classification(HOSTILE, test_per_class=11, n_train=220, name="x" * 300)
    evidence["sentence"] = "y" * 300 + " and \u202eturned"
    evidence["warnings"] = list(HOSTILE)
    evidence["comparisons"][0].update(name="z" * 300, what="w" * 300)
    evidence["slices"] = {"v" * 300: {name: {"n": 3, "accuracy": 0.5} for name in HOSTILE}}
    return evidence


@pytest.fixture(scope="module")
def audit_page(request, tmp_path_factory):
    document = AUDITS[request.param]() if request.param in AUDITS else hostile_audit()
    return render_audit(write_audit(tmp_path_factory.mktemp("audits") / request.param, document))


def hostile_audit():
    suspects = [suspect(i, HOSTILE, id=name, why=name) for i, name in enumerate(HOSTILE)]
    evidence = {name: name for name in HOSTILE} | {"v" * 300: {name: 1 for name in HOSTILE}}
    names = [*HOSTILE, *(str(i) for i in range(len(HOSTILE)))]  # ids that are numbers show a text
    worded = [suspect(i, HOSTILE, id=name) for i, name in enumerate(names)]
    found = [
        finding(f"{'z' * 300}/{name}", severity, some, what="w" * 300, action="a" * 300, evidence=evidence)
        for name, severity, some in (
            ("x" * 300, "severe", suspects),
            (HOSTILE[1], "warning", worded),
            ("y", "hint", []),
        )
    ]
    return audited(found, sentence="y" * 300, data={"name": "n" * 300, "modality": "m" * 300})


def assert_quiet_and_inside(browser, page, **window):
    browser.open(page, **window)
    assert browser.ask("document.documentElement.scrollWidth") <= window["width"]
    assert browser.ask(STICKS_OUT) == []
    assert browser.requests() == []
    assert browser.complaints() == []


@pytest.mark.parametrize("page", ["good", "hostile"], indirect=True)
def test_on_a_phone_nothing_sticks_out_and_nothing_is_asked_for(browser, page):
    assert_quiet_and_inside(browser, page, **PHONE)


@pytest.mark.parametrize("audit_page", ["several", "hostile"], indirect=True)
def test_an_audit_fits_a_phone_and_a_desktop_and_can_be_read_in_light_and_dark(browser, audit_page):
    for window in (PHONE, DESKTOP):
        for dark in (False, True):
            assert_quiet_and_inside(browser, audit_page, **window, dark=dark)
            ratio, where = browser.ask(CONTRAST)
            assert ratio >= 4.5, where
    assert browser.ask("[...document.images].every(i => i.complete && i.naturalWidth > 0)")


@pytest.mark.slow
@pytest.mark.parametrize("audit_page", [*AUDITS, "hostile"], indirect=True)
def test_every_kind_of_audit_fits_every_window_and_paper(browser, audit_page):
    for window in (PHONE, {"width": 768, "height": 1024}, DESKTOP):
        assert_quiet_and_inside(browser, audit_page, **window)
    browser.open(audit_page, width=688, height=1000, dark=True, media="print")
    assert browser.ask("document.documentElement.scrollWidth") <= 688
    assert browser.ask(
        "[...document.querySelectorAll('details table')].every(t => t.getBoundingClientRect().height > 0)"
    )


@pytest.mark.parametrize("page", ["good"], indirect=True)
def test_light_and_dark_differ_and_every_text_can_be_read(browser, page):
    grounds = []
    for dark in (False, True):
        browser.open(page, **DESKTOP, dark=dark)
        ratio, where = browser.ask(CONTRAST)
        assert ratio >= 4.5, where
        grounds.append(browser.ask("getComputedStyle(document.body).backgroundColor"))
    assert grounds == ["rgb(255, 255, 255)", "rgb(19, 22, 26)"]


@pytest.mark.parametrize("page", ["good"], indirect=True)
def test_pictures_are_drawn_and_a_script_is_refused(browser, page):
    browser.open(page, **DESKTOP)
    assert browser.ask("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
    browser.ask(
        "document.body.appendChild(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))"
    )
    assert browser.ask("window.ran") is None


@pytest.mark.slow
@pytest.mark.parametrize("window", [PHONE, {"width": 768, "height": 1024}, DESKTOP], ids=["phone", "tablet", "desktop"])
@pytest.mark.parametrize("page", [*EVIDENCE, "hostile"], indirect=True)
def test_every_kind_of_result_fits_every_window(browser, page, window):
    assert_quiet_and_inside(browser, page, **window)


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("page", [*EVIDENCE, "hostile"], indirect=True)
def test_every_text_of_every_kind_of_result_can_be_read(browser, page, dark):
    for window in (PHONE, DESKTOP):
        browser.open(page, **window, dark=dark)
        ratio, where = browser.ask(CONTRAST)
        assert ratio >= 4.5, where


@pytest.mark.slow
@pytest.mark.parametrize("page", [*EVIDENCE, "hostile"], indirect=True)
def test_printed_pages_are_light_fit_the_paper_and_show_what_was_folded(browser, page, tmp_path):
    # 182 mm between the margins of A4 are 688 CSS pixels
    browser.open(page, width=688, height=1000, dark=True, media="print")
    assert browser.ask("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.ask("document.documentElement.scrollWidth") <= 688
    assert browser.ask(
        "[...document.querySelectorAll('details table')].every(t => t.getBoundingClientRect().height > 0)"
    )
    browser.pdf(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_what_the_other_tests_look_for_would_be_seen(browser, tmp_path):
    page = tmp_path / "bad.html"
    page.write_text(
        "<!doctype html><meta name='viewport' content='width=device-width'>"
        "<p style='width: 900px; color: #999'>wide and pale</p>"
        "<img src='http://127.0.0.1:9/x.png'><script>console.error('seen')</script>"
    )
    browser.open(page, **PHONE)
    assert browser.ask("document.documentElement.scrollWidth") > 390
    assert len(browser.ask(STICKS_OUT)) == 1
    assert browser.ask(CONTRAST)[0] == pytest.approx(2.85, abs=0.01)  # #999999 on white
    assert browser.requests() == ["http://127.0.0.1:9/x.png"]
    assert any("seen" in complaint for complaint in browser.complaints())


@pytest.mark.parametrize(("window", "last"), [(PHONE, ".facts"), (DESKTOP, ".glances")], ids=["phone", "desktop"])
@pytest.mark.parametrize("page", ["good"], indirect=True)
def test_the_first_screen_holds_what_is_for_everyone(browser, page, window, last):
    browser.open(page, **window)
    assert browser.ask(f"document.querySelector('{last}').getBoundingClientRect().bottom") <= window["height"]
    assert browser.ask("document.querySelectorAll('.glances li').length") >= 2
