"""Whatever is wrong with texts, their table or their network: one paragraph, the contract's exit code, nothing left."""

from __future__ import annotations

import json
import shutil

import pytest

from cli.helpers_cli import one_paragraph
from cli.helpers_extras import hide, without
from made_texts import WORDS, questions

__all__ = ["hide"]

ROWS = questions(12)
LINES = [f"{text},{topic}" for text, topic in ROWS]


@pytest.fixture(autouse=True)
def work(monkeypatch, tmp_path):
    """The current folder, empty."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def table(tmp_path):
    """A function that writes a table of texts."""

    def write(lines=LINES, header="text,label"):
        path = tmp_path / "t.csv"
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def fit(headstart_command, text_model):
    """Run fit with the tiny network and options of one's own."""
    fixed = ("--method", "linear_probe", "--set", "runtime.name=eager", "--threads", 1)

    def run(*arguments, model=text_model):
        return headstart_command("fit", *arguments, "--model", model, *fixed)

    return run


@pytest.fixture
def refused(fit, work):
    """A fit that must be refused; returns what it said."""

    def run(*arguments, code=2, **options):
        said = fit(*arguments, **options)
        assert said.code == code, said
        assert list(work.iterdir()) == []
        return one_paragraph(said)

    return run


def test_a_broken_row_is_named_by_its_line(refused, table):
    assert "line 7 has 4" in refused(table([*LINES[:5], "one,two,three,four", *LINES[5:]]))
    assert "line 10 has 4" in refused(
        table([*LINES[:5], '"quoted\nover\nlines",card', "a,b,c,d", *LINES[5:]]).absolute()
    )
    assert "from line 7" in refused(table([*LINES[:5], '"never closed,card', *LINES[5:]]))


def test_a_column_twice_is_named(refused, table):
    assert "repeated: text" in refused(table([f"{line},more" for line in LINES], "text,label,text"))


@pytest.mark.parametrize(
    "content, part",
    [
        ('{"text": "a b", "label": "x"}\n{"text": "cut', "line 2"),
        ('{"text": "a b", "label": "x"}\n[1]\n', "line 2 is a list"),
        ("", "at least one row"),
    ],
)
def test_broken_json_lines_are_named_by_their_line(refused, tmp_path, content, part):
    (tmp_path / "t.jsonl").write_text(content)
    assert part in refused(tmp_path / "t.jsonl")


def test_files_that_are_no_tables_are_refused(refused, tmp_path):
    (tmp_path / "t.parquet").write_bytes(b"PAR1 and nothing else")
    assert "must be a parquet file" in refused(tmp_path / "t.parquet")
    (tmp_path / "t.csv").write_bytes(b"text,label\na\x00b,x\n")
    assert "line 2 holds a null character" in refused(tmp_path / "t.csv")
    (tmp_path / "t.csv").write_bytes(b"")
    assert "at least one row" in refused(tmp_path / "t.csv")


def test_a_table_without_rows_or_with_one_is_too_small(refused, table):
    assert "at least one row" in refused(table([]))
    assert "at least two rows" in refused(table(LINES[:1]))


def test_empty_texts_are_left_out_and_listed_and_too_many_are_refused(refused, fit, table, work):
    said = refused(table([*LINES, *[",card"] * 4, "   ,cash"]))
    assert "5 of 41 are: 36: an empty text" in said and "--allow-bad" in said
    said = fit(table([*LINES, ",card"]), "--out", "run")
    assert said.code == 0 and "1 inputs could not be used" in said.out
    plan = json.loads((work / "run" / "plan.json").read_text())
    assert plan["data"]["left_out"] == [{"id": "36", "reason": "an empty text"}]
    assert "'text' is empty" in refused_later(fit, table([",card", " ,cash"] * 10), work)


def refused_later(fit, source, work):
    before = {path.name for path in work.iterdir()}
    said = fit(source)
    assert said.code == 2 and {path.name for path in work.iterdir()} == before
    return one_paragraph(said)


def test_a_target_with_gaps_or_without_anything(refused, fit, table):
    said = fit(table([*LINES, "no label here,"]), "--dry-run", "--json")
    plan = json.loads(said.out)
    assert plan["data"]["n"] == 36 and any("1 rows without a target were left out" in note for note in plan["notes"])
    assert "all 36 rows are blank" in refused(table([f"{text}," for text, _ in ROWS]))


ODD = {
    "megabyte": "card " * 200_000,
    "one long word": "a" * 1_000_000,
    "control characters": "card\x07 \x1b[31mlost\x00\x7f",
    "right to left": "بطاقتي ضاعت card \u202eisrever",
    "emoji": "card 🧑🏽‍🚒👩‍👩‍👧‍👦🏳️‍🌈 lost",
    "lone surrogate": "card \ud83d lost",
    "markup": "<script>alert(1)</script> </textarea> card",
}


def test_odd_texts_go_through_a_fit_and_its_report(headstart_command, fit, tmp_path, work):
    rows = [{"text": text, "label": topic, "split": "train"} for text, topic in ROWS]
    rows += [{"text": text, "label": "cash", "split": "test"} for text in ODD.values()]  # wrong: shown as mistakes
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    said = fit(tmp_path / "t.jsonl", "--out", "run")
    assert said.code == 0, said
    plan = json.loads((work / "run" / "plan.json").read_text())
    assert plan["data"]["left_out"] == [] and any("longer than the 64 tokens" in note for note in plan["notes"])
    page = (work / "run" / "report.html").read_bytes()
    assert len(page) < 300_000
    assert not [mark for mark in (b"<script>alert", b"\x00", b"\x1b", b"\x07") if mark in page]
    log = (work / "run" / "run.log").read_text()
    assert not [text for text, _ in ROWS if text in log]
    said = headstart_command("predict", "run", tmp_path / "t.jsonl")
    assert said.code == 0 and said.out.count("\n") == len(rows) + 1


def test_predict_says_what_it_cannot_use(headstart_command, fit, table, work, tmp_path):
    assert fit(table(), "--out", "run").code == 0
    said = headstart_command("predict", "run", "-", stdin="card lost\n\nloan debt\n")
    assert said.code == 0 and said.out.count("\n") == 3
    assert "holds none" in one_paragraph(headstart_command("predict", "run", "-", stdin=" \n"))
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("card lost")
    (tmp_path / "texts" / "b.txt").write_text("")
    said = headstart_command("predict", "run", tmp_path / "texts")
    assert said.code == 0 and "an empty text" in said.out and "1 of 2 inputs" in said.err
    only_bad = headstart_command("predict", "run", tmp_path / "texts" / "b.txt")
    assert only_bad.code == 2 and "1 of 1 inputs" in only_bad.err
    said = headstart_command("evaluate", "run", table([f"{line}s" for line in LINES]))
    assert said.code == 2 and "Did you mean 'card'?" in one_paragraph(said)
    said = headstart_command("evaluate", "run", table(header="words,label"))
    assert said.code == 2 and "lacks 'text'" in one_paragraph(said)
    said = headstart_command("evaluate", "run", table(header="words,label"), "--input", "word")
    assert said.code == 2 and "Did you mean 'words'?" in one_paragraph(said)
    assert headstart_command("evaluate", "run", table(header="words,label"), "--input", "words").code == 0


def lacking(name):
    return lambda folder: (folder / name).unlink()


def changed(name, content):
    return lambda folder: (folder / name).write_text(content)


def config(**values):
    def change(folder):
        path = folder / "config.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **values}))

    return change


def with_small_vocabulary(folder):
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text("\n".join(WORDS))


def without_marks(folder):
    path = folder / "tokenizer.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "post_processor": None}))


def cut_weights(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize(
    "spoil, part",
    [
        (lacking("tokenizer.json"), "must hold tokenizer.json or one of"),
        (lacking("config.json"), "must hold config.json"),
        (lacking("model.safetensors"), "must hold one of ['model.safetensors'"),
        (changed("config.json", "{"), "config.json must be JSON"),
        (changed("tokenizer.json", '{"model": 3}'), "tokenizer.json of"),
        (config(model_type="bertt"), "Did you mean 'bert'?"),
        (config(vocab_size=50), "must fit its network"),
        (with_small_vocabulary, "must fit its network"),
        (without_marks, "must mark where a text ends"),
        (config(hidden_size=64), "embeddings.LayerNorm.bias: (32,) instead of (64,)"),
        (config(num_hidden_layers=3), "encoder.layer.2.attention.output.LayerNorm.bias: missing"),
        (cut_weights, "must be a safetensors file"),
    ],
)
def test_a_model_folder_that_is_not_whole_is_told_and_named(refused, table, text_model, tmp_path, spoil, part):
    folder = shutil.copytree(text_model, tmp_path / "spoilt")
    spoil(folder)
    said = refused(table(), model=folder)
    assert part in said and (str(folder) in said or "the weights must be those" in said)


@pytest.mark.parametrize(
    "options, part",
    [
        (["--set", "model.max_tokens=65"], "must be at most 64"),
        (["--set", "model.max_tokens=2"], "greater than or equal to 4"),
        (["--set", "model.pooling=best"], "'mean', 'cls'"),
        (["--set", "model.pair=both"], "'separate' or 'joint'"),
        (["--input", "txt"], "Did you mean 'text'?"),
        (["--input", "text,label"], "other columns than the target"),
        (["--id", "txt"], "Did you mean 'text'?"),
        (["--drop", "txt"], "Did you mean 'text'?"),
    ],
)
def test_an_option_that_cannot_be_is_refused(refused, table, options, part):
    assert part in refused(table(), *options)


def test_a_network_for_other_inputs_is_refused(refused, table, sound_model):
    said = refused(table(), model=sound_model)
    assert "for inputs that the data hold (text)" in said and "is for sound" in said


def test_a_missing_tokenizer_is_named_with_its_extra(table, fit, work, hide):
    hide("tokenizers")
    assert "pip install 'headstart[text]'" in one_paragraph(fit(table(), "--quiet"))
    assert list(work.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("package", ["tokenizers", "transformers", "sklearn"])
def test_a_missing_package_is_named_with_its_extra(table, text_model, work, package):
    fixed = ("--set", "runtime.name=eager", "--threads", 1, "--quiet")
    done = without(package, work, "fit", table(), "--model", text_model, *fixed)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.count("\n") == 1 and "pip install 'headstart[text]'" in done.stderr
    assert list(work.iterdir()) == []
