import base64
import hashlib
import io
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.errors import ConfigError
from headstart.reports import render
from headstart.reports.frame import TEMPLATES
from headstart.reports.page import page_html
from headstart.reports.run_files import RunFiles
from headstart.reports.sections import ORDER
from reports.helpers_reports import EVIDENCE, bare, classification, photo, write_run

VOID = {"meta", "link", "img", "br", "line", "circle", "polygon", "polyline", "col"}
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7*7 }}{% raw %}",
    "שלום \u202eevil",
    "👩‍🔬🏳️‍🌈",
    "x" * 300,
    "</style><style>*{display:none}",
    "a&amp;b &lt;i&gt;",
    "nul\x00 bell\x07 half \udce4",
    " ",
]


class Page(HTMLParser):
    """Tags with attributes in order, text, and whatever is not nested as it must be."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.faults, self.text, self.scripts = [], [], [], "", []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs), tuple(self.open)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs), tuple(self.open)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.scripts.append(data)
        elif not self.open or self.open[-1] != "style":
            self.text += data

    @property
    def foreign_scripts(self):
        """Scripts other than the one that the policy allows by its hash; what a browser does not run is none."""
        policy = next(meta["content"] for meta in self.all("meta") if meta.get("http-equiv"))
        run = [text for text, given in zip(self.scripts, self.all("script"), strict=True) if "type" not in given]
        hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in run]
        return [text for text, each in zip(run, hashes, strict=True) if f"script-src 'sha256-{each}';" not in policy]

    def all(self, tag):
        return [attributes for name, attributes, _ in self.tags if name == tag]


def page_of(tmp_path, evidence, **more):
    folder = write_run(tmp_path / "run", evidence, **more)
    return Page(render(folder).read_text(encoding="utf-8"))


@pytest.fixture(params=EVIDENCE, scope="module")
def page(request, tmp_path_factory):
    return page_of(tmp_path_factory.mktemp(request.param), EVIDENCE[request.param]())


def test_tags_are_nested_and_ids_are_unique(page):
    ids = [attributes["id"] for _, attributes, _ in page.tags if "id" in attributes]
    assert (page.faults, page.open) == ([], [])
    assert len(ids) == len(set(ids))


def test_the_page_asks_for_nothing_outside_itself(page):
    for tag, attributes, _ in page.tags:
        for name in ("src", "srcset", "poster", "data", "action", "background"):
            assert attributes.get(name, "data:").startswith("data:"), tag
        if tag == "link":
            assert attributes["href"] == "data:,"
    assert page.foreign_scripts == []
    assert not {tag for tag, _, _ in page.tags} & {
        "iframe",
        "object",
        "embed",
        "form",
        "base",
        "audio",
        "video",
    }


def test_nothing_needs_what_the_policy_forbids(page):
    policy = next(meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag, attributes, _ in page.tags:
        assert "style" not in attributes, tag
        assert not [name for name in attributes if name.startswith("on")], tag


def test_the_policy_allows_exactly_the_style_sheet_in_the_page(tmp_path):
    text = render(write_run(tmp_path / "run", classification())).read_text(encoding="utf-8")
    style = re.search("<style>(.*?)</style>", text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in Page(text).all("meta")[1]["content"]
    assert not re.search(r"@import|url\(", style)


def test_tables_and_pictures_are_described(page):
    for attributes in page.all("th"):
        assert attributes["scope"] in ("col", "row", "colgroup")
    for attributes in page.all("img"):
        assert attributes["alt"]
    for tag, attributes, parents in page.tags:
        is_drawing = tag == "svg" and "svg" not in parents
        if is_drawing and attributes.get("aria-hidden") != "true" and "tfoot" not in parents:
            assert attributes["role"] == "img"
    assert len(page.all("table")) == len(page.all("caption"))


def test_drawings_that_are_read_aloud_have_titles(page):
    spoken = [
        at for at, (tag, attributes, _) in enumerate(page.tags) if tag == "svg" and attributes.get("role") == "img"
    ]
    for at in spoken:
        assert page.tags[at + 1][0] == "title"


def test_landmarks_and_headings_are_in_order(page):
    names = [tag for tag, _, _ in page.tags]
    for landmark in ("header", "nav", "main", "footer", "h1"):
        assert names.count(landmark) == 1
    assert len(page.all("section")) == len(page.all("h3"))
    assert len([a for a in page.all("div") if a.get("class") == "chapter"]) == len([a for a in page.all("h2") if not a])
    assert page.all("html")[0]["lang"] == "en"


def test_the_contents_lead_to_every_section(page):
    sections = [attributes["id"] for attributes in page.all("section")]
    chapters = [attributes["id"] for attributes in page.all("div") if attributes.get("class") == "chapter"]
    in_contents = [a["href"] for tag, a, parents in page.tags if tag == "a" and "nav" in parents]
    assert in_contents == [f"#{name}" for name in chapters]
    assert sections == [name for name in ORDER if name in sections]
    for link in page.all("a"):
        if link["href"].startswith("#"):
            assert link["href"][1:] in {*sections, *chapters, "content"}


@pytest.mark.parametrize("name", ["unclear", "bare"])
def test_an_unclear_verdict_is_called_unclear_in_the_first_heading_and_beside_the_sign(tmp_path, name):
    page = page_of(tmp_path, EVIDENCE[name]())
    head = page.text[: page.text.index("Contents")] if "Contents" in page.text else page.text[:3000]
    assert "is unclear" in head
    assert "Does transfer help? Unclear" in head


def test_hostile_names_stay_text(tmp_path):
    evidence = classification(HOSTILE, test_per_class=11, n_train=220, name=HOSTILE[0])
    evidence["sentence"] = evidence["verdict"]["why"] = HOSTILE[1]
    evidence["warnings"] = list(HOSTILE)
    evidence["backbone"]["known_biases"] = evidence["backbone"]["source"] = HOSTILE[1]
    evidence["comparisons"][0].update(name=HOSTILE[0], what=HOSTILE[1])
    evidence["slices"] = {HOSTILE[0]: {name: {"n": 3, "accuracy": 0.5} for name in HOSTILE}}
    page = page_of(tmp_path, evidence)
    assert (page.faults, page.open) == ([], [])
    assert "i" not in {tag for tag, _, _ in page.tags}
    assert page.foreign_scripts == []
    assert len(page.all("style")) == 1
    for tag, attributes, _ in page.tags:
        assert not [name for name in attributes if name.startswith("on")], tag
        if tag == "img":
            assert attributes["src"].startswith("data:image/jpeg;base64,")
    for name in (
        "<script>alert(1)</script>",
        "{{ 7*7 }}{% raw %}",
        "a&amp;b &lt;i&gt;",
        "nul\ufffd bell\ufffd half \ufffd",
    ):
        assert name in page.text


def test_names_of_foreign_direction_are_kept_apart_from_their_surroundings(tmp_path):
    page = page_of(tmp_path, classification(["שלום", "hat"], test_per_class=10))
    assert page.all("bdi")


def test_no_template_switches_escaping_off():
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe|autoescape|Markup", text), path.name


def test_every_section_has_a_template_and_every_template_a_section():
    assert sorted(ORDER) == sorted(path.stem for path in (TEMPLATES / "sections").glob("*.html"))


def test_without_examples_no_picture_and_no_file_name_is_in_the_page(tmp_path):
    folder = write_run(tmp_path / "run", classification())
    text = render(folder, examples=False).read_text(encoding="utf-8")
    assert Page(text).all("img") == []
    assert "0000.jpg" not in text
    assert "left out of this page, as asked" in text


def test_folders_of_the_author_do_not_travel_with_the_page(tmp_path):
    text = render(write_run(tmp_path / "run", classification())).read_text(encoding="utf-8")
    assert "somebody" not in text
    assert str(tmp_path) not in text


def test_the_same_files_give_the_same_page(tmp_path):
    folder = write_run(tmp_path / "run", classification())
    assert render(folder).read_bytes() == render(folder).read_bytes()
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.yaml",
        "decisions.jsonl",
        "evidence.json",
        "examples.json",
        "plan.json",
        "predictions",
        "report.html",
    ]


def test_twelve_mistakes_with_usual_thumbnails_stay_under_three_megabytes(tmp_path):
    import numpy as np
    from PIL import Image

    noise = np.random.default_rng(0).integers(0, 256, (160, 160, 3), dtype=np.uint8)  # noise: the largest JPEG there is
    stream = io.BytesIO()
    Image.fromarray(noise).save(stream, "JPEG", quality=80)
    picture = "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode()
    folder = write_run(tmp_path / "run", classification(), thumbnails=[picture], mistakes=12)
    assert render(folder).stat().st_size < 3_000_000


def test_an_unfinished_run_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="finished run"):
        render(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_picture_is_kept_as_it_is(tmp_path):
    source = photo((10, 200, 30))
    page = page_of(tmp_path, classification(), thumbnails=[source])
    assert {attributes["src"] for attributes in page.all("img")} == {source}


KEYS = [
    "n",
    "test",
    "comparisons",
    "confusion",
    "learning_curve",
    "training",
    "guard",
    "cost",
    "backbone",
    "slices",
    "verdict",
    "warnings",
]
ODD = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.sampled_from(["", "text", "accuracy"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["accuracy", "value", "n", "points", "difference", "low", "high"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@settings(max_examples=60)
@given(st.sampled_from(KEYS), ODD, ODD)
def test_odd_shapes_of_optional_parts_break_nothing(key, odd, other):
    run = RunFiles("run", {**bare(), key: odd}, plan={"steps": odd, "data": other}, config={"seed": other})
    assert Page(page_html(run)).faults == []


def test_evidence_that_lacks_every_part_gives_a_page():
    assert Page(page_html(RunFiles("run", {"schema": 1}))).faults == []
