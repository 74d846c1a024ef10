"""What scripts add to a page, in a real browser: search, order, choice, and files to take along."""

import csv
import io
from xml.etree import ElementTree

import pytest

from headstart.reports import render
from reports.chromium import DESKTOP, PHONE, REASON, find_chromium
from reports.helpers_reports import classification, write_predictions, write_run
from reports.test_race import raced

pytestmark = pytest.mark.skipif(find_chromium() is None, reason=REASON)
EVIL = '<img src=x onerror="window.ran = 1"><script>window.ran = 1</script>'
FIRST = "document.querySelector('#predictions-table tbody tr').innerText"
STATUS = "document.querySelector('#predictions [role=status]').textContent"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return render(write_run(tmp_path_factory.mktemp("alive") / "run", classification(right=0.8)))


@pytest.fixture
def tab(browser, page):
    browser.open(page, **DESKTOP)
    return browser.tab


def rows(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_search_choice_and_pages_work_together(browser, tab):
    total = int(browser.ask(STATUS).split()[0])
    assert total == 370
    tab.get_by_role("combobox", name="Right").select_option("wrong")
    wrong = int(browser.ask(STATUS).split()[0])
    assert 0 < wrong < total
    tab.get_by_role("combobox", name="Label", exact=True).select_option("hat")
    tab.get_by_label("Search names").fill("TEST/HAT/1-0-0000")
    assert browser.ask(STATUS) == "1 of 370 examples"
    assert browser.ask(FIRST).split() == ["test/hat/1-0-0000.jpg", "hat", "dress", "wrong", "40.0", "%"]
    tab.get_by_label("Search names").fill("")
    tab.get_by_role("combobox", name="Label", exact=True).select_option("all")
    tab.get_by_role("combobox", name="Right").select_option("all")
    tab.get_by_role("button", name="Next").click()
    assert "Page 2 of 15" in browser.ask("document.querySelector('.pager').textContent")


def test_nothing_found_is_an_empty_table(browser, tab):
    tab.get_by_label("Search names").fill("no such name")
    assert browser.ask(STATUS) == "0 of 370 examples"
    assert browser.ask("document.querySelectorAll('#predictions-table tbody tr').length") == 0


def test_heads_sort_by_keyboard_and_say_how(browser, tab):
    button = tab.locator("#predictions-table").get_by_role("button", name="Sure")
    button.focus()
    shares = []
    for _ in range(2):
        tab.keyboard.press("Enter")
        order = browser.ask("document.querySelector('#predictions-table [aria-sort]').getAttribute('aria-sort')")
        shares.append((order, float(browser.ask(FIRST).split()[-2])))
    (first, largest), (second, smallest) = shares
    assert (first, second, smallest) == ("descending", "ascending", 40.0)
    assert largest > smallest
    tab.keyboard.press("Enter")
    assert browser.ask("document.querySelector('#predictions-table [aria-sort]')") is None


def test_tables_sort_by_size_and_keep_what_is_unknown_last(browser, tmp_path):
    run = raced()
    for each, seconds in zip(run["race"]["trials"], [125.0, 0.3, 14.2, 3900.0, 60.0], strict=True):
        each["spent"] = seconds
    browser.open(render(write_run(tmp_path / "run", run)), **DESKTOP)
    table = browser.tab.locator("#race table")
    times = "[...document.querySelectorAll('#race tbody td:last-child')].map(cell => cell.textContent.trim())"
    before = browser.ask(times)
    table.get_by_role("button", name="Time").click()
    assert [each.replace("\u202f", " ") for each in browser.ask(times)] == [
        "1 h 5 min",
        "2 min 5 s",
        "1 min 0 s",
        "14.2 s",
        "300 ms",
    ]
    for _ in range(2):
        table.get_by_role("button", name="Time").click()
    assert browser.ask(times) == before
    loss = "[...document.querySelectorAll('#race tbody td:nth-child(3)')].map(cell => cell.textContent.trim())"
    table.get_by_role("button", name="Validation loss").click()
    known = [each for each in browser.ask(loss) if each != "\u2013"]
    assert known == sorted(known, reverse=True) and browser.ask(loss)[: len(known)] == known


def test_names_sort_by_the_alphabet(browser, tab):
    first = "document.querySelector('#classes tbody th').textContent"
    tab.locator("#classes").get_by_role("button", name="Class", exact=True).click()
    assert browser.ask(first) == "dress"


def test_tables_are_saved_as_csv_with_intervals_of_their_own(browser, tab):
    name, content = browser.saved("CSV: save Metrics on the test split")
    assert name == "metrics-on-the-test-split.csv"
    head, first, *_ = rows(content)
    assert head == ["Metric", "Value", "95 % interval"]
    assert first[0].startswith("Accuracy") and first[1].endswith(" %") and " to " in first[2]
    name, content = browser.saved("CSV: save Recall and precision of each class")
    head, *others = rows(content)
    assert head[:4] == ["Class", "Test", "Recall, 95 % interval", "interval"]
    assert {len(row) for row in others} == {6} and len(others) == 10


def test_what_is_found_is_saved_as_csv(browser, tab):
    tab.get_by_role("combobox", name="Label", exact=True).select_option("hat")
    _, content = browser.saved("Save these as CSV")
    head, *found = rows(content)
    assert head[:4] == ["Example", "Label", "Answer", "Right"]
    assert len(found) == 37 and {row[1] for row in found} == {"hat"}


@pytest.mark.parametrize("section", ["comparison", "confusion", "learning_curve"])
def test_drawings_are_saved_as_vectors_that_need_no_style_sheet(browser, tab, section):
    with tab.expect_download() as waiting:
        tab.locator(f"#{section}").get_by_role("button", name="SVG").first.click()
    picture = ElementTree.parse(waiting.value.path()).getroot()
    texts = [each.text for each in picture.iter("{http://www.w3.org/2000/svg}text")]
    expected = {"comparison": "Linear probe", "confusion": "dress", "learning_curve": "Training examples (logarithmic)"}
    assert expected[section] in texts
    marks = [
        each for each in picture.iter() if each.tag.split("}")[1] in ("line", "circle", "rect", "text", "polyline")
    ]
    assert marks and not [each for each in picture.iter() if each.get("class")]
    assert all("var(" not in value for each in picture.iter() for value in each.attrib.values())


def test_drawings_are_saved_as_pixels_at_twice_their_size(browser, tab):
    from PIL import Image

    with tab.expect_download() as waiting:
        tab.locator("#learning_curve").get_by_role("button", name="PNG").click()
    picture = Image.open(waiting.value.path())
    width = browser.ask("document.querySelector('#learning_curve figure').scrollWidth")
    assert picture.format == "PNG" and picture.width >= 2 * width
    assert len(picture.convert("RGB").getcolors(1 << 24)) > 3  # ground, letters, lines


def test_a_count_of_mistakes_leads_to_them(browser, tab):
    link = tab.locator("#confusion .matrix a").first
    count = int(link.inner_text())
    link.click()
    assert browser.ask(STATUS) == f"{count} of 370 examples"


def test_names_with_markup_stay_text(browser, tmp_path):
    run = write_run(tmp_path / "run", classification([EVIL, "b", "c"], test_per_class=5))
    names = {"id": [EVIL, "2"], "target": [EVIL, "b"], "prediction": ["b", EVIL], "slice_" + EVIL: [EVIL, None]}
    write_predictions(run / "predictions" / "test.parquet", names)
    browser.open(render(run), **DESKTOP)
    browser.tab.get_by_label("Search names").fill("onerror")
    browser.tab.locator("#predictions-table").get_by_role("button", name="Example").click()
    assert browser.ask(STATUS) == "2 of 2 examples"
    assert EVIL[:30] in browser.ask(FIRST)
    browser.saved("Save these as CSV")
    browser.saved("SVG: save Confusion matrix")
    assert browser.ask("window.ran") is None
    assert browser.ask("document.querySelectorAll('img[src=x], main script:not(#predictions-data)').length") == 0
    assert browser.requests() == [] and browser.complaints() == []


def test_texts_that_a_spreadsheet_would_run_are_marked(browser, tmp_path):
    run = write_run(tmp_path / "run", classification())
    write_predictions(
        run / "predictions" / "test.parquet",
        {"id": ['=HYPERLINK("x")', "-5"], "target": ["hat"] * 2, "prediction": ["hat"] * 2},
    )
    browser.open(render(run), **DESKTOP)
    _, content = browser.saved("Save these as CSV")
    assert [row[0] for row in rows(content)[1:]] == ['\'=HYPERLINK("x")', "-5"]


def test_on_a_phone_tables_sort_by_buttons_above_them(browser, page):
    browser.open(page, **PHONE)
    button = browser.tab.locator("#classes").get_by_role("button", name="Test", exact=True)
    box = button.bounding_box()
    assert box["width"] > 10 and box["height"] > 10


def test_what_is_read_is_marked_in_the_contents(browser, page):
    browser.open(page, **DESKTOP)
    browser.ask("document.getElementById('confusion').scrollIntoView()")
    browser.tab.wait_for_selector("nav a[aria-current]")
    assert browser.ask("document.querySelector('nav a[aria-current]').textContent") == "Result"
    assert browser.ask("document.querySelector('.bar').getBoundingClientRect().top") == 0


def test_without_scripts_all_is_said_that_matters(browser, page):
    context = browser.browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(page.as_uri())
    text = tab.inner_text("#predictions")
    context.close()
    assert "A browser that runs scripts shows all 370 here" in text
    assert "Search names" not in text and "Save as" not in text
    assert text.count("wrong") >= 20
