from __future__ import annotations

import csv
import io
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.helpers_data import write
from headstart.core.errors import DataError
from headstart.data.tables import batches, column_names, load, load_with_notes


def loaded(tmp_path, content, name="t.csv"):
    return load(write(tmp_path / name, content.encode() if isinstance(content, str) else content))


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["t.csv", "t.tsv"])
def test_the_separator_is_found(tmp_path, separator, name):
    content = f'text{separator}label\n"one{separator} two"{separator}a\nthree{separator}b\n'
    assert loaded(tmp_path, content, name) == {"text": [f"one{separator} two", "three"], "label": ["a", "b"]}


def test_commas_in_text_do_not_make_the_separator(tmp_path):
    assert loaded(tmp_path, "text;label\nyes, no, well;a\nno;b\n") == {
        "text": ["yes, no, well", "no"],
        "label": ["a", "b"],
    }


def test_of_separators_that_fit_the_one_with_most_columns_is_meant(tmp_path):
    assert list(loaded(tmp_path, "name;price,eur;x\na;1,5;b\nc;2,5;d\n")) == ["name", "price,eur", "x"]


def test_excel_may_say_the_separator(tmp_path):
    assert loaded(tmp_path, "sep=;\ntext;label\na,b;c\n") == {"text": ["a,b"], "label": ["c"]}
    with pytest.raises(DataError, match="line 4 has 1"):
        loaded(tmp_path, "sep=;\ntext;label\na;b\nc\n")


def test_a_space_before_a_quote_is_not_part_of_the_value_and_others_are(tmp_path):
    assert loaded(tmp_path, '"text", "label"\n"a, b", "c"\n') == {"text": ["a, b"], "label": ["c"]}
    assert loaded(tmp_path, "text,label\n a , b\n") == {"text": [" a "], "label": [" b"]}


def test_line_breaks_in_quotes_and_doubled_quotes(tmp_path):
    assert loaded(tmp_path, 'text,label\r\n"one\r\ntwo, ""three""",a\r\n') == {
        "text": ['one\r\ntwo, "three"'],
        "label": ["a"],
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a,b\n1,2\n3\n", "as its header has names, 2; line 3 has 1"),
        ("a,b\n1,2\n3,4,5\n", "line 3 has 3"),
        ('a,b\n"x\ny\nz",2\n\n3\n', "line 6 has 1"),  # lines as an editor counts them
        ('a,b\n1,2\n"open,3\n4,5\n', "row from line 3 to 4 opens a quote that is never closed"),
        ('a,b\n"one" two,3\n', "line 2 has a quote in the middle"),
        ("a,b\n1,2\n3,\0\n", "line 3 holds a null character"),
        ("a, a ,b\n1,2,3\n", "name each column once; repeated: a"),
        ("", "a header and at least one row"),
        ("a,b\n\n  \n", "a header and at least one row"),
    ],
)
def test_what_does_not_fit_is_named_by_its_line(tmp_path, content, words):
    with pytest.raises(DataError, match=words):
        loaded(tmp_path, content)


def test_a_broken_row_is_found_however_late_it_comes(tmp_path):
    path = write(tmp_path / "t.csv", b"a,b\n" + b"1,2\n" * 10_000 + b"3\n")
    stream = batches(path, 1000)
    assert [len(next(stream)["a"]) for _ in range(10)] == [1000] * 10
    with pytest.raises(DataError, match="line 10002 has 1"):
        next(stream)


def test_blank_lines_are_passed_over_wherever_they_are(tmp_path):
    assert loaded(tmp_path, "\n  \na,b\n\n1,2\n \n\t\n3,4\n\n") == {"a": ["1", "3"], "b": ["2", "4"]}
    path = write(tmp_path / "t.csv", b"a,b\n" + b" \n" * 50 + b"1,2\n")
    assert list(batches(path, 5)) == [{"a": ["1"], "b": ["2"]}]


def test_one_column_needs_no_separator_and_its_blank_values_count(tmp_path):
    assert loaded(tmp_path, 'text\nhello world\n\n" "\n""\nagain\n') == {"text": ["hello world", " ", "", "again"]}


def test_a_column_without_a_name_is_called_by_its_place(tmp_path):
    assert loaded(tmp_path, ",text\n0,a\n") == {"column 1": ["0"], "text": ["a"]}


def test_values_may_be_longer_than_the_csv_module_likes_and_its_limit_stays(tmp_path):
    before = csv.field_size_limit()
    long = "x" * 1_000_000
    assert loaded(tmp_path, f"a,b\n{long},1\n")["a"] == [long]
    assert csv.field_size_limit() == before


def test_encodings_are_said(tmp_path):
    for name, words in (("utf-16", "t.csv is UTF-16 text"), ("cp1252", "read as Windows-1252")):
        found = load_with_notes(write(tmp_path / "t.csv", "text\tlabel\nnaïve café\tü\n".encode(name)))
        assert found.columns == {"text": ["naïve café"], "label": ["ü"]} and words in found.notes[0]
    assert load_with_notes(write(tmp_path / "t.csv", b"a,b\n1,2\n")).notes == ()


def test_utf_16_that_is_cut_off_is_an_error(tmp_path):
    with pytest.raises(DataError, match="must be UTF-16-LE text, as its first bytes say"):
        loaded(tmp_path, "text,label\na,b\n".encode("utf-16")[:-1])
    with pytest.raises(DataError, match="line 1 holds a null character, .* UTF-16 without its mark"):
        loaded(tmp_path, "text,label\na,b\n".encode("utf-16-le"))


def test_batches_are_the_whole_table(tmp_path):
    path = write(tmp_path / "t.csv", b"a,b\n" + b"".join(b"%d,x\n" % i for i in range(25)))
    found = list(batches(path, 10))
    assert [len(batch["a"]) for batch in found] == [10, 10, 5]
    assert [value for batch in found for value in batch["a"]] == load(path)["a"] == [str(i) for i in range(25)]
    assert column_names(path) == ["a", "b"]


def test_equal_short_values_are_held_once(tmp_path):
    values = loaded(tmp_path, "a,b\n" + "1,some class\n" * 9000)["b"]
    assert len({id(value) for value in values}) == 1


def test_two_threads_read_long_values_at_once(tmp_path):
    path = write(tmp_path / "t.csv", b"a,b\n" + (b"y" * 200_000 + b",1\n") * 5)
    found = []
    threads = [threading.Thread(target=lambda: found.append(len(load(path)["a"]))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [5] * 4


CELLS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)
ROWS = st.integers(2, 4).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1, max_size=6))


@settings(deadline=None, max_examples=100)
@given(
    rows=ROWS,
    separator=st.sampled_from(",;\t|"),
    ends=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
)
def test_what_the_csv_module_writes_is_read_back(tmp_path_factory, rows, separator, ends, encoding, quoting):
    if quoting == csv.QUOTE_MINIMAL and ends == "\n":  # the module of Python 3.11 forgets to quote a carriage return
        rows = [[value.replace("\r", "") for value in row] for row in rows]
    names = [f"column{i}" for i in range(len(rows[0]))]
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=separator, lineterminator=ends, quoting=quoting).writerows([names, *rows])
    path = write(tmp_path_factory.getbasetemp() / "any.csv", stream.getvalue().encode(encoding))
    expected = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    assert load(path) == expected
    assert [value for batch in batches(path, 2) for value in batch[names[-1]]] == expected[names[-1]]


@settings(deadline=None, max_examples=100)
@given(st.text(st.sampled_from('ab,;\t|"\n\r \0é'), max_size=60), st.sampled_from(["utf-8", "utf-16", "cp1252"]))
def test_any_text_is_read_or_refused_with_a_reason(tmp_path_factory, text, encoding):
    path = write(tmp_path_factory.getbasetemp() / "any.csv", text.encode(encoding))
    try:
        columns = load(path)
    except DataError as error:
        assert str(path) in str(error)
    else:
        assert len({len(values) for values in columns.values()}) == 1
