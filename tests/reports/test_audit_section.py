import json

import pytest

from headstart.core.errors import IntegrityError
from headstart.reports import render
from headstart.reports.run_files import RunFiles, read_run
from headstart.reports.sections import ORDER, audit, build_sections
from headstart.reports.sections.audit import SHOWN, SHOWN_AT_ONCE
from reports.helpers_audit import accepted, finding, in_evidence, many, nothing, several, suspect
from reports.helpers_audit import audit as audited
from reports.helpers_reports import bare, classification, write_run
from reports.test_page import HOSTILE, Page


def section_of(document, **more):
    return audit.build(RunFiles("run", {**bare(), "audit": in_evidence(document)}, **more))


def run_with(folder, document, *, kept=True):
    write_run(folder, {**classification(), "audit": in_evidence(document)})
    if kept:
        (folder / "audit.json").write_text(json.dumps(document))
    return folder


def test_a_run_whose_data_were_not_looked_at_has_no_such_section():
    assert audit.build(RunFiles("run", bare(), audit=several())) is None


def test_it_stands_before_the_data():
    names = [section.name for section in build_sections(RunFiles("run", {**bare(), "audit": in_evidence(nothing())}))]
    assert names == ["measures", "next_steps", "audit", "data", "method"]
    assert ORDER.index("audit") + 1 == ORDER.index("data")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (nothing(), "nothing was found that should be mended"),
        (
            accepted(),
            "3 things were found, 1 of them severe. This result may mean nothing, which was accepted by name.",
        ),
        (audited([finding("a", "severe")]), "one thing was found, and it is severe. This result may mean nothing."),
        (audited([finding("a", "warning")]), "one thing was found. Mending what is named makes a result better"),
        (audited([finding("a", "hint")]), "and nothing that makes this result worse than it need be."),
    ],
)
def test_the_sentence_follows_the_worst_finding(document, words):
    assert words in section_of(document).says


def test_only_words_that_occur_are_explained():
    assert section_of(audited([finding("a", "hint")])).read == "Hint: worth knowing."
    assert section_of(nothing()).read == ""


def test_suspects_come_from_the_run_folder_and_are_few():
    content = section_of(several(), audit=several()).content
    assert [len(each.suspects) for each in content.findings] == [SHOWN, SHOWN, 0]
    assert [each.count for each in content.findings] == [41, 1100, 0]
    assert content.findings[1].suspects[0].suggested == "hat"


def test_a_model_that_travels_without_its_run_names_nobody():
    content = section_of(several()).content
    assert [each.suspects for each in content.findings] == [(), (), ()]
    assert [each.count for each in content.findings] == [41, 1100, 0]
    assert not content.left_out


def test_many_findings_are_folded():
    content = section_of(many()).content
    assert (len(content.findings), len(content.folded)) == (SHOWN_AT_ONCE, 30 - SHOWN_AT_ONCE)


def test_an_accepted_finding_says_so(tmp_path):
    page = Page(render(run_with(tmp_path / "run", accepted())).read_text(encoding="utf-8"))
    assert "accepted" in page.text[page.text.index("Is anything wrong with the data?") :]
    assert (page.faults, page.open) == ([], [])
    assert "36 more in audit.json" in page.text


def test_without_examples_no_suspect_is_named(tmp_path):
    folder = run_with(tmp_path / "run", several())
    assert "test/dress/0000.jpg" in render(folder).read_text(encoding="utf-8")
    text = render(folder, examples=False).read_text(encoding="utf-8")
    assert "0000.jpg" not in text
    assert "The names of the examples were left out of this page, as asked." in text
    assert read_run(folder, examples=False).audit is None


def test_an_audit_of_a_newer_version_is_refused(tmp_path):
    folder = run_with(tmp_path / "run", {**several(), "schema": 99})
    with pytest.raises(IntegrityError, match=r"audit\.json must have schema 1"):
        render(folder)


def test_hostile_names_stay_text(tmp_path):
    suspects = [suspect(i, HOSTILE, id=name, why=name) for i, name in enumerate(HOSTILE)]
    document = audited([finding(f"leaking_columns/{name}", "hint", suspects, what=name) for name in HOSTILE])
    page = Page(render(run_with(tmp_path / "run", document)).read_text(encoding="utf-8"))
    assert (page.faults, page.open) == ([], [])
    assert "i" not in {tag for tag, _, _ in page.tags}
    assert page.foreign_scripts == []
    assert "<script>alert(1)</script>" in page.text


def test_rows_of_a_table_are_said_to_be_counted_from_0():
    rows = audited([finding("a", "warning", [suspect(0, id="17")])])
    assert "row 2 of a spreadsheet" in section_of(rows, audit=rows).content.about_ids
    assert section_of(several(), audit=several()).content.about_ids == ""
