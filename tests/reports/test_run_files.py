import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.errors import ConfigError, IntegrityError
from headstart.reports.run_files import read_run, showable
from reports.helpers_reports import classification, write_run

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=())), inner),
    max_leaves=20,
)


@given(JSON)
def test_whatever_json_holds_can_be_written_as_text_afterwards(value):
    text = json.dumps(showable(value), ensure_ascii=False, allow_nan=False)
    assert text.encode("utf-8").decode("utf-8") == text


def test_controls_and_lone_surrogates_and_turning_marks_are_replaced_and_letters_stay():
    assert showable("a\x00b\udce4c\x1bd\u202e") == "a\ufffdb\ufffdc\ufffdd\ufffd"
    assert showable("Füße 👩‍🔬 שלום\n") == "Füße 👩‍🔬 שלום\n"


def test_numbers_that_json_does_not_have_become_none():
    assert showable({"a": math.nan, "b": [math.inf, 1.5]}) == {"a": None, "b": [None, 1.5]}
    assert showable([10**400, -(10**400), 7, True]) == [None, None, 7, True]  # no float holds the first two


def test_a_run_without_evidence_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"evidence\.json"):
        read_run(tmp_path)


@pytest.mark.parametrize("name", ["evidence.json", "plan.json", "examples.json"])
def test_a_file_of_a_newer_version_is_refused(tmp_path, name):
    folder = write_run(tmp_path / "run", classification())
    document = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps({**document, "schema": 99}))
    with pytest.raises(IntegrityError, match=f"{name} must have schema 1"):
        read_run(folder)


@pytest.mark.parametrize(
    ("name", "content"), [("plan.json", "{"), ("plan.json", "[]"), ("examples.json", "7"), ("config.yaml", "a: [")]
)
def test_a_file_that_does_not_parse_is_named(tmp_path, name, content):
    folder = write_run(tmp_path / "run", classification())
    (folder / name).write_text(content)
    with pytest.raises(IntegrityError, match=rf"^{name} must .*\.$"):  # one line
        read_run(folder)


def test_all_files_but_the_evidence_are_optional(tmp_path):
    folder = write_run(tmp_path / "run", classification())
    for name in ("plan.json", "examples.json", "decisions.jsonl", "config.yaml"):
        (folder / name).unlink()
    run = read_run(folder)
    assert (run.plan, run.decisions, run.config, run.mistakes) == ({}, (), {}, ())


def test_examples_are_not_even_read_when_they_are_not_wanted(tmp_path):
    folder = write_run(tmp_path / "run", classification())
    (folder / "examples.json").write_text("not json")
    assert read_run(folder, examples=False).mistakes is None


def test_a_run_that_kept_no_examples_does_not_promise_any(tmp_path):
    folder = write_run(tmp_path / "run", classification())
    (folder / "examples.json").unlink()
    assert read_run(folder, examples=False).mistakes == ()
