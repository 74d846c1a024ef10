"""Exported models of every kind of input in Node and in a real Chromium: they say what ``reader.py`` says."""

from __future__ import annotations

import json

import pytest

import headstart
from data.helpers_sound import encoded, sweep
from exporting.helpers_browser import by_python, drop, ready, said, served, with_runtime
from exporting.helpers_models import QUESTION, write_columns, write_network, write_several, write_terms
from exporting.helpers_node import in_node, needs_node
from headstart.backbones.pretrained.find import load
from headstart.core.schema import PartSchema
from headstart.exporting import writing
from reports.chromium import PHONE, REASON, Chromium, find_chromium

pytestmark = pytest.mark.slow
needs_chromium = pytest.mark.skipif(find_chromium() is None, reason=REASON)
TEXT, SOUND = PartSchema(modality="text"), PartSchema(modality="sound")
SIDES = [PartSchema(modality="text", columns=("answer",), paired=True), PartSchema(modality="text", columns=("key",))]
TEXTS = ["Where is my CARD? Où?", "a", "loan 12 rate, I can't withdraw cash today " * 9]
PAIRS = [["my card", "the loan"], ["", "cash " * 60], ["debt 7", ""]]
ROWS = """price,count,huge,since,is new,colour,more
"12,50",2,1e3,03/04/2007,yes,red,x
,?,,,,never seen,
"-1,5",3,1e38,31/12/2010,no,Gru\u0308n,"two
lines"
"""


@pytest.fixture(scope="module")
def exports(runtime, text_model, sound_model, tmp_path_factory):
    """Folders with onnxruntime-web in them, by the name of what they take; each is made when it is first asked for."""
    place = tmp_path_factory.mktemp("exports")
    words, sounds = [text.encode() for text in TEXTS], [encoded(sweep(0.4), 16000)]
    quick = {"trees": {"rounds": 6, "leaves": (4,), "least_rows": 5}}
    writers = {
        "terms": lambda folder: write_terms(folder, TEXT),
        "terms of a pair": lambda folder: write_terms(folder, QUESTION),
        "pieces": lambda folder: write_network(folder, [TEXT], load(str(text_model)), words),
        "pieces of a pair": lambda folder: write_network(folder, [QUESTION], load(str(text_model)), words),
        "pieces beside pieces": lambda folder: write_network(folder, SIDES, load(str(text_model)), words),
        "sound": lambda folder: write_network(folder, [SOUND], load(str(sound_model)), sounds),
        "rows": lambda folder: write_columns(folder, ["columns", "raw_columns"], "blend", **quick),
        "numbers": lambda folder: write_columns(folder, ["columns"], "linear_probe", "real"),
        "several": lambda folder: write_several(folder, place / "graphs"),
    }
    written = {}

    def export(name):
        if name not in written:
            exported = writing.write(writers[name](place / name / "bundle"), "onnx", place / name / "export")
            written[name] = with_runtime(exported.path, runtime)
        return written[name]

    return export


def contents_of(kind):
    """Inputs as files hold them, and as JavaScript is given them."""
    if "beside" in kind:
        rows = [dict(zip(("answer", "key"), pair, strict=True)) for pair in PAIRS]
        return ["\n".join(map(json.dumps, rows)).encode()], rows
    if "pair" in kind:
        return [json.dumps(pair).encode() for pair in PAIRS], PAIRS
    if kind in ("terms", "pieces"):
        return [text.encode() for text in TEXTS], TEXTS
    return [ROWS.encode()], ROWS


def close(found, expected, by=1e-5):
    assert found["prediction"] == pytest.approx(expected["prediction"], abs=by)
    assert found.get("probabilities") == pytest.approx(expected.get("probabilities"), abs=by)


@needs_node
@pytest.mark.parametrize(
    "kind", ["terms", "terms of a pair", "pieces", "pieces of a pair", "pieces beside pieces", "rows", "numbers"]
)
def test_node_says_what_python_says(exports, tmp_path, kind):
    folder = exports(kind)
    contents, inputs = contents_of(kind)
    paths = [tmp_path / f"{n}.{'csv' if inputs is ROWS else 'jsonl'}" for n in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    code = """
    const rows = async () => (await import(given.rows)).rowsOf(given.inputs, "a.csv", ["price"]);
    const model = await made.load();
    const found = [];
    for (const input of given.rows ? await rows() : given.inputs) found.push(await made.classify(model, input));
    return found;
    """
    rows = (folder / "rows.mjs").as_uri() if inputs is ROWS else None
    found = in_node(folder / "reader.mjs", code, {"rows": rows, "inputs": inputs})
    for row, expected in zip(found, by_python(folder, *paths), strict=True):
        close(row, expected)


@needs_node
def test_node_hears_what_python_hears(exports, tmp_path):
    folder = exports("sound")
    paths = [tmp_path / f"{rate}-{kind}.wav" for rate in (8000, 44100) for kind in ("PCM_U8", "PCM_24", "FLOAT")]
    for path in paths:
        rate, kind = path.stem.split("-")
        path.write_bytes(encoded(sweep(0.4, int(rate)), int(rate), "WAV", kind))
    code = """
    const model = await made.load();
    const found = [];
    for (const path of given) found.push(await made.classify(model, readFileSync(path)));
    return found;
    """
    found = in_node(folder / "reader.mjs", code, list(map(str, paths)))
    for row, expected in zip(found, by_python(folder, *paths), strict=True):
        close(row, expected)


@needs_chromium
@pytest.mark.parametrize("kind", ["terms", "pieces", "pieces of a pair"])
def test_texts_are_answered_in_the_browser(exports, tmp_path, kind):
    folder = exports(kind)
    text = PAIRS[0] if "pair" in kind else TEXTS[0]
    (tmp_path / "text").write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
    [expected] = by_python(folder, tmp_path / "text")
    with served(folder) as address, Chromium(find_chromium()) as browser:
        tab = browser.tab
        tab.goto(address)
        ready(tab)
        for place, each in enumerate([text] if isinstance(text, str) else text):
            tab.fill(f"#text-{place + 1}" if place else "#text", each)
        tab.keyboard.press("Tab")
        close(said(tab, lambda: tab.keyboard.press("Enter")), expected)
        tab.fill("#text", "other")
        assert tab.inner_text("#said") == "The input has changed." and tab.inner_text("#more") == ""
        written = tmp_path / "dropped.txt"
        written.write_text("Où?", encoding="utf-8")
        drop(tab, written)
        tab.wait_for_function("document.getElementById('text').value === 'Où?'")
        for field in tab.locator("textarea").all():
            field.fill(" ")
        tab.click("button")
        tab.wait_for_function("document.getElementById('said').textContent.includes('the text is empty')")
        assert all(url.startswith((address.rpartition("/")[0], "data:")) for url in browser.asked)
        assert browser.violations() == []


@needs_chromium
def test_recordings_are_answered_in_the_browser(exports, tmp_path):
    folder = exports("sound")
    paths = [tmp_path / "low.wav", tmp_path / "stereo.flac"]
    paths[0].write_bytes(encoded(sweep(0.4, 22050), 22050, "WAV", "PCM_24"))
    paths[1].write_bytes(encoded(sweep(0.4, 44100).reshape(-1, 1).repeat(2, 1), 44100, "FLAC"))
    picture = tmp_path / "cat.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n and so on")
    flags = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    with served(folder) as address, Chromium(find_chromium(), *flags) as browser:
        tab = browser.tab
        tab.goto(address)
        ready(tab)
        for path, expected in zip(paths, by_python(folder, *paths), strict=True):
            found = said(tab, lambda path=path: tab.set_input_files("#file", str(path)))
            close(found, expected, by=1e-5 if path.suffix == ".wav" else 1e-4)  # Chromium's 16 bits end at 32,767
        drop(tab, picture)
        tab.wait_for_function("document.getElementById('said').textContent.includes('cat.png is not a recording')")
        tab.click("#record")
        tab.wait_for_function("document.getElementById('record').textContent.startsWith('Stop (1')")
        recorded = said(tab, lambda: tab.click("#record"))
        assert sum(recorded["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert browser.violations() == []


@needs_chromium
def test_a_table_and_a_form_are_answered_in_the_browser(exports, tmp_path):
    folder = exports("rows")
    table = tmp_path / "rows.csv"
    table.write_text(ROWS, encoding="utf-8")
    expected = by_python(folder, table)
    with served(folder) as address, Chromium(find_chromium()) as browser:
        tab = browser.tab
        tab.set_viewport_size(PHONE)
        tab.goto(address)
        ready(tab)
        for found, row in zip(said(tab, lambda: drop(tab, table)), expected, strict=True):
            close(found, row)
        name, content = browser.saved("Save all answers as CSV")
        assert name == "rows-answers.csv"
        assert (
            content.decode("utf-8-sig")
            .splitlines()[1]
            .startswith(f'"12,50",2,1e3,03/04/2007,yes,red,x,{expected[0]["prediction"]},')
        )
        tab.get_by_label("price").fill("12,50")
        tab.get_by_label("count").fill("2")
        tab.get_by_label("huge").fill("1e3")
        tab.get_by_label("since").fill("2007-04-03")
        tab.get_by_label("is new").select_option("yes")
        tab.get_by_label("colour").select_option("red")
        close(said(tab, lambda: tab.get_by_label("count").press("Enter")), expected[0])
        tab.get_by_label("count").fill("two")
        tab.get_by_label("count").press("Enter")
        tab.wait_for_function("document.getElementById('said').textContent.includes('“count” must be a number')")
        assert browser.violations() == []
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


@needs_chromium
@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("none.csv", b"", "it is empty"),
        ("head.csv", b"price,count,huge,since,is new,colour\n", "holds a header and no rows"),
        ("other.csv", b"a,b\n1,2\n", "lacks “price”, “count”, “huge”, “since”, “is new” and 1 more"),
        ("cat.png", b"\x89PNG\r\n\x1a\n", "cat.png is not text in UTF-8"),
    ],
)
def test_what_is_no_table_of_the_model_is_said(exports, tmp_path, name, content, reason):
    (tmp_path / name).write_bytes(content)
    with served(exports("rows")) as address, Chromium(find_chromium()) as browser:
        browser.tab.goto(address)
        browser.tab.set_input_files("#file", str(tmp_path / name))
        browser.tab.wait_for_function(
            f"document.getElementById('said').textContent.includes('{reason}')", timeout=60_000
        )


@needs_chromium
def test_rows_with_texts_and_pictures_take_their_files_too(exports, shared, tmp_path):
    folder = exports("several")
    photos = sorted(shared.photos.rglob("*.png"))[:2]
    for photo, name in zip(photos, ("one.png", "two.png"), strict=True):
        (tmp_path / name).write_bytes(photo.read_bytes())
    table = tmp_path / "rows.csv"
    first, second, *_ = ROWS.splitlines()
    table.write_text(
        f"front,back,remark,{first}\none.png,two.png,my card,{second}\nno.png,two.png,rate,{second}\n", encoding="utf-8"
    )
    expected, missing = by_python(folder, table)
    assert "error" in missing
    with served(folder) as address, Chromium(find_chromium()) as browser:
        tab = browser.tab
        tab.goto(address)
        ready(tab)
        files = [str(tmp_path / name) for name in ("rows.csv", "one.png", "two.png")]
        found, lacking = said(tab, lambda: tab.set_input_files("#file", files))
        assert found["prediction"] == expected["prediction"]
        assert found["probabilities"] == pytest.approx(expected["probabilities"], abs=0.02)
        assert lacking["error"] == "no.png was not given together with the table"
        tab.click("form button")
        tab.wait_for_function("document.getElementById('said').textContent.includes('Choose a file for “front”')")


@needs_chromium
def test_a_photo_gets_the_same_probabilities_in_the_browser(shared, runtime, tmp_path):
    exported = headstart.export(shared.run.path, out=tmp_path / "export")
    photos = sorted(shared.photos.rglob("*.png"))[:2]
    expected = headstart.predict(shared.run.path, [str(photo) for photo in photos]).rows
    broken = tmp_path / "notes.png"
    broken.write_bytes(b"no picture")
    with served(with_runtime(exported.path, runtime)) as address, Chromium(find_chromium()) as browser:
        tab = browser.tab
        tab.goto(address)
        ready(tab)
        for photo, row in zip(photos, expected, strict=True):
            found = said(tab, lambda photo=photo: tab.set_input_files("#file", str(photo)))
            assert found["prediction"] == row["prediction"]
            for name, value in found["probabilities"].items():
                assert value == pytest.approx(row[f"probability_{name}"], abs=0.02)
            assert row["prediction"] in tab.inner_text("#said")
        assert all(url.startswith((address.rpartition("/")[0], "blob:", "data:")) for url in browser.asked)
        assert [line for line in browser.heard if "rror" in line] == []
        tab.set_input_files("#file", str(broken))
        tab.wait_for_function("document.getElementById('said').textContent.includes('notes.png is not a picture')")


@needs_chromium
def test_a_page_without_onnxruntime_says_what_is_missing(exports, tmp_path):
    folder = exports("terms")
    (folder / "ort").rename(tmp_path / "ort")
    try:
        with served(folder) as address, Chromium(find_chromium()) as browser:
            browser.tab.goto(address)
            browser.tab.wait_for_function(
                "document.getElementById('said').textContent.includes('the folder “ort” lacks')"
            )
            browser.tab.goto((folder / "index.html").as_uri())
            assert "python -m http.server" in browser.tab.inner_text("#said")
    finally:
        (tmp_path / "ort").rename(folder / "ort")
