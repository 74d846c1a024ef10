import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.errors import ConfigError, IntegrityError
from headstart.reports import render_audit
from headstart.reports.audit_page import MOST_LISTED, SHOWN, audit_html, build_page
from headstart.reports.run_files import showable
from reports.helpers_audit import AUDITS, WORDS, audit, excerpts, finding, nothing, several, suspect, texts, write_audit
from reports.test_page import HOSTILE, ODD, Page


def page_of(tmp_path, document, **more):
    return Page(render_audit(write_audit(tmp_path / "audit", document, **more)).read_text(encoding="utf-8"))


@pytest.fixture(params=AUDITS, scope="module")
def page(request, tmp_path_factory):
    return page_of(tmp_path_factory.mktemp(request.param), AUDITS[request.param]())


def test_tags_are_nested_and_ids_are_unique(page):
    ids = [attributes["id"] for _, attributes, _ in page.tags if "id" in attributes]
    assert (page.faults, page.open) == ([], [])
    assert len(ids) == len(set(ids))


def test_the_page_asks_for_nothing_and_runs_nothing(page):
    assert page.foreign_scripts == []
    assert not {tag for tag, _, _ in page.tags} & {"iframe", "object", "embed", "form", "base"}
    policy = next(meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag, attributes, _ in page.tags:
        assert attributes.get("src", "data:").startswith("data:"), tag
        assert "style" not in attributes, tag
        assert not [name for name in attributes if name.startswith("on")], tag


def test_tables_and_pictures_are_described(page):
    for attributes in page.all("th"):
        assert attributes["scope"] in ("col", "row")
    for attributes in page.all("img"):
        assert attributes["alt"]
    assert len(page.all("table")) == len(page.all("caption"))


def test_the_contents_lead_to_every_section(page):
    sections = [attributes["id"] for attributes in page.all("section")]
    links = [attributes["href"] for attributes in page.all("a")]
    assert links == ["#content", *(f"#{name}" for name in sections)] or sections == ["data"]
    names = [tag for tag, _, _ in page.tags]
    assert [names.count(landmark) for landmark in ("header", "main", "footer", "h1")] == [1, 1, 1, 1]


def test_the_policy_is_that_of_the_report(tmp_path):
    text = render_audit(write_audit(tmp_path / "audit", several())).read_text(encoding="utf-8")
    style = re.search("<style>(.*?)</style>", text, re.DOTALL)[1]
    assert ".suspects" in style
    assert "style-src 'sha256-" in Page(text).all("meta")[1]["content"]


def test_nothing_found_is_said_and_not_oversold(tmp_path):
    page = page_of(tmp_path, nothing())
    assert "Nothing was found that should be mended." in page.text
    assert "fit would go on" in page.text
    assert "a look at the data is still worth its time" in page.text
    assert [attributes["id"] for attributes in page.all("section")] == ["data"]
    assert page.all("nav") == []


def test_a_refused_finding_is_marked_with_what_has_to_be_typed(tmp_path):
    page = page_of(tmp_path, several())
    assert "fit would refuse these data because of 1 finding" in page.text
    assert page.text.count("fit would refuse these data because of this") == 1
    assert "--accept duplicates_across_splits" in page.text


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("leaking_columns/price", "--accept leaking_columns/price"),
        ("leaking_columns/a b; rm -r $HOME", "--accept 'leaking_columns/a b; rm -r $HOME'"),
        ("leaking_columns/it's", """--accept 'leaking_columns/it'"'"'s'"""),
        ("leaking_columns/half \udce4", ""),  # nobody can type it
    ],
)
def test_what_has_to_be_typed_is_safe_in_a_shell(name, typed):
    page = build_page(showable(audit([finding(name, "severe")])), {})
    assert page.sections[0].finding.accept == typed
    assert page.sections[0].finding.is_refused


def test_an_accepted_finding_is_marked_as_accepted_and_not_as_refused(tmp_path):
    page = page_of(tmp_path, AUDITS["accepted"]())
    assert "fit would go on, since you accepted 1 finding" in page.text
    assert "because of this" not in page.text


@pytest.mark.parametrize(
    ("severities", "tone"),
    [([], "good"), (["hint"], "good"), (["warning", "hint"], "unclear"), (["severe", "warning"], "bad")],
)
def test_the_verdict_is_as_bad_as_the_worst_finding(severities, tone):
    document = audit([finding(f"check_{i}", severity) for i, severity in enumerate(severities)])
    assert build_page(document, {}).verdict.tone == tone


def test_the_first_suspects_are_shown_and_the_rest_is_listed_and_the_very_rest_counted(tmp_path):
    document = audit([finding("label_errors", "warning", [suspect(i) for i in range(SHOWN + MOST_LISTED + 7)])])
    section = build_page(document, excerpts(document)["suspects"]).sections[0]
    assert [len(section.shown), len(section.listed), section.unlisted] == [SHOWN, MOST_LISTED, 7]
    page = page_of(tmp_path, document)
    assert len(page.all("img")) == SHOWN
    assert "24 of 1,031 examples, the most telling first" in page.text
    assert "1,000 further examples" in page.text
    assert "7 more are in suspects.csv" in page.text
    assert "train/pants/0024.jpg" in page.text


def test_given_and_suggested_labels_are_told_apart_without_the_arrow(tmp_path):
    page = page_of(tmp_path, audit([finding("label_errors", "warning", [suspect(0)])]))
    assert re.search(r"Label\s+dress\s+→,\s+suggested\s+hat", page.text)
    assert "The example" in page.text


def test_texts_are_shown_where_there_are_no_pictures(tmp_path):
    page = page_of(tmp_path, texts())
    assert page.text.count(WORDS) == SHOWN
    assert page.all("img") == []
    assert "suspects words" in [attributes.get("class") for attributes in page.all("ol")]


def test_without_examples_suspects_are_named_and_not_shown(tmp_path):
    page = page_of(tmp_path, several(), examples=False)
    assert page.all("img") == page.all("blockquote") == []
    assert "test/dress/0000.jpg" in page.text
    assert "missing" not in [attributes.get("class") for attributes in page.all("span")]


def test_only_pictures_inside_the_page_are_shown():
    document = audit([finding("label_errors", "warning", [suspect(0)])])
    sources = ["https://example.org/x.jpg", "data:image/svg+xml;base64,PHN2Zz4=", 'data:image/jpeg;base64,A" onerror="']
    for source in sources:
        html = audit_html(document, {"train/dress/0000.jpg": {"thumbnail": source}})
        assert "<img" not in html


def test_hostile_names_stay_text(tmp_path):
    suspects = [{"id": name, "why": name, "given": name, "suggested": HOSTILE[0]} for name in HOSTILE]
    evidence = {name: name for name in HOSTILE} | {"group": {name: 1 for name in HOSTILE}}
    found = [
        finding(f"leaking_columns/{name}", "severe", suspects, what=name, action=name, evidence=evidence)
        for name in HOSTILE
    ]
    document = audit(found, sentence=HOSTILE[1], data={"name": HOSTILE[0], "modality": HOSTILE[1]}, task=HOSTILE[2])
    page = page_of(tmp_path, document)
    assert (page.faults, page.open) == ([], [])
    assert "i" not in {tag for tag, _, _ in page.tags}
    assert page.foreign_scripts == []
    assert len(page.all("style")) == 1
    for tag, attributes, _ in page.tags:
        assert not [name for name in attributes if name.startswith("on")], tag
    for name in (
        "<script>alert(1)</script>",
        "{{ 7*7 }}{% raw %}",
        "a&amp;b &lt;i&gt;",
        "nul\ufffd bell\ufffd half \ufffd",
    ):
        assert name in page.text
    assert "\u202e" not in page.text


def test_a_folder_without_an_audit_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"audit\.json"):
        render_audit(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["audit.json", "examples.json"])
def test_a_file_of_a_newer_version_is_refused(tmp_path, name):
    folder = write_audit(tmp_path / "audit", several())
    document = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps({**document, "schema": 99}))
    with pytest.raises(IntegrityError, match=f"{name} must have schema 1"):
        render_audit(folder)
    assert not (folder / "audit.html").exists()


@pytest.mark.parametrize("content", ["{", "[]", "7"])
def test_a_file_that_does_not_parse_is_named(tmp_path, content):
    folder = write_audit(tmp_path / "audit", several())
    (folder / "examples.json").write_text(content)
    with pytest.raises(IntegrityError, match=r"examples\.json"):
        render_audit(folder)


def test_the_same_files_give_the_same_page(tmp_path):
    folder = write_audit(tmp_path / "audit", several())
    assert render_audit(folder).read_bytes() == render_audit(folder).read_bytes()
    assert sorted(path.name for path in folder.iterdir()) == ["audit.html", "audit.json", "examples.json"]


def test_examples_of_a_run_are_no_suspects(tmp_path):
    folder = write_audit(tmp_path / "audit", several(), examples=False)
    (folder / "examples.json").write_text(json.dumps({"schema": 1, "mistakes": [{"id": "test/dress/0000.jpg"}]}))
    assert Page(render_audit(folder).read_text(encoding="utf-8")).all("img") == []


KEYS = ["sentence", "data", "n", "task", "probe", "accepted", "refused", "findings", "cost"]
PARTS = ["id", "severity", "what", "action", "evidence", "count", "suspects"]


@settings(max_examples=60)
@given(st.sampled_from(KEYS), st.sampled_from(PARTS), ODD, ODD)
def test_odd_shapes_of_optional_parts_break_nothing(key, part, odd, other):
    found = [{**finding("label_errors", "severe", [suspect(0)]), part: other}, {"suspects": [odd]}, odd]
    document = {**audit([]), "findings": found, "refused": ["label_errors"], key: odd}
    assert Page(audit_html(document, {"train/dress/0000.jpg": other})).faults == []


def test_rows_of_a_table_are_said_to_be_counted_from_0(tmp_path):
    rows = audit([finding("label_errors", "warning", [suspect(0, id="0"), suspect(1, id="17")])])
    assert "counted from 0 below the header" in page_of(tmp_path / "rows", rows).text
    named = audit([finding("label_errors", "warning", [suspect(0, id="0"), suspect(1, id="a.jpg")])])
    assert "counted from 0 below the header" not in page_of(tmp_path / "named", named).text
