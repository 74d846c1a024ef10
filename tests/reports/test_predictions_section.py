import pytest

from headstart.reports import packed, render
from headstart.reports.sections import predictions
from reports.helpers_reports import classification, write_predictions, write_run
from reports.test_page import Page


@pytest.fixture
def run(tmp_path):
    return write_run(tmp_path / "run", classification())


def shown(run, **more):
    return Page(render(run, **more).read_text(encoding="utf-8"))


def test_the_most_telling_rows_are_there_without_a_script(run):
    write_predictions(
        run / "predictions" / "test.parquet",
        {"id": ["fine.jpg", "bad.jpg"], "target": ["hat", "hat"], "prediction": ["hat", "shoes"]},
    )
    text = shown(run).text
    assert "All 2 test examples with what was predicted of them, mistakes first; 1 are wrong." in text
    assert text.index("bad.jpg") < text.index("fine.jpg")


def test_a_page_that_cannot_hold_all_says_how_many_it_holds_and_where_the_others_are(run, monkeypatch):
    monkeypatch.setattr(predictions, "pack_within", lambda found: packed.pack_within(found, 600))
    page = shown(run)
    assert "of 370 examples in this order, so that it stays below 3 MB." in page.text
    assert "predictions/test.parquet" in [link["href"] for link in page.all("a")]


def test_rows_of_a_table_are_said_to_be_counted_from_0(run):
    write_predictions(
        run / "predictions" / "test.parquet", {"id": ["0", "1"], "target": ["a", "b"], "prediction": ["a", "b"]}
    )
    assert "counted from 0 below the header" in shown(run).text
    (run / "config.yaml").write_text("id: passport\n", encoding="utf-8")
    assert "counted from 0 below the header" not in shown(run).text


def test_without_examples_no_row_is_there(run):
    assert "predictions-data" not in render(run, examples=False).read_text(encoding="utf-8")


def test_a_run_that_was_asked_to_show_no_examples_stays_so(run):
    (run / "config.yaml").write_text("examples: false\n", encoding="utf-8")
    text = render(run).read_text(encoding="utf-8")
    assert "predictions-data" not in text and ".jpg" not in text


def test_a_run_without_predictions_has_no_such_section(run):
    (run / "predictions" / "test.parquet").unlink()
    assert "predictions" not in [attributes["id"] for attributes in shown(run).all("section")]
