"""What is measured of the code, on files made by hand."""

from __future__ import annotations

import pytest
from house_parts import docstrings, repeats, sizes

CONTRACT = '''
Floats = NDArray[np.float64]


class Method(Protocol):
    def predict(self, x: Floats) -> Floats:
        """``(N, W)`` of ``(N, D)``."""
'''
METHODS = '''
from contract import Floats


class Probe:
    def predict(self, x: Floats) -> Floats:
        """Outputs."""

    def extra(self, x: Tensor) -> int:
        """Counts."""

    def _inner(self, x: Tensor) -> int: ...


def plain(text: str) -> str:
    """No arrays."""


def said(x: NDArray[Any]) -> float:
    """The mean of ``(N,)`` values."""
'''


def test_a_method_says_what_its_contract_says_and_others_must_say_it_themselves():
    found = docstrings.share({"contract.py": CONTRACT, "methods.py": METHODS})
    assert found == {"of": 4, "said": 3, "missing": ["methods.py:Probe.extra"]}


def test_without_its_promise_the_method_is_missing_too():
    files = {"contract.py": CONTRACT.replace("``(N, W)`` of ``(N, D)``", "Outputs"), "methods.py": METHODS}
    assert docstrings.share(files) == {
        "of": 4, "said": 1,
        "missing": ["contract.py:Method.predict", "methods.py:Probe.extra", "methods.py:Probe.predict"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("docstring", "is_said"),
    [
        ("``(N,)`` values.", True),
        ("``(P x N, 32)`` keys.", True),
        ("``(2 (fft // 2 + 1), frame)`` waves.", True),
        ("Tensors of any shape.", True),
        ("``(low, high)``; None where there is none.", False),
        ("Raises ShapeError.", False),
        ("A pair (N, D).", False),
    ],
)
def test_a_shape_may_be_computed_and_an_interval_is_none(docstring, is_said):
    text = f'def one(*values: Tensor) -> None:\n    """{docstring}"""\n'
    assert docstrings.share({"a.py": text})["said"] == int(is_said)


def test_a_name_is_an_array_where_it_was_made_for_one_or_imported():
    made = 'Rows = NDArray[np.int64]\n\n\ndef one(rows: Rows) -> None:\n    """Reads."""\n'
    taken = 'def two(rows: Rows) -> None:\n    """Reads."""\n'
    files = {"room/made.py": made, "taken.py": f"from room.made import Rows\n\n\n{taken}", "other.py": taken}
    assert docstrings.share(files)["missing"] == ["room/made.py:one", "taken.py:two"]


def test_a_block_that_is_there_twice_is_found_once_however_long_and_imports_do_not_count():
    block = "\n".join(f"value_{number} = {number}" for number in range(9))
    imports = "\n".join(f"import module_{number}" for number in range(9))
    files = {"a.py": f"{imports}\n{block}", "b.py": f"{imports}\n\nother = 0\n{block}", "c.py": imports}
    assert repeats.blocks(files) == [["a.py:10", "b.py:12"]]
    assert repeats.blocks({"a.py": block}) == []


def test_functions_are_as_long_as_their_bodies_nested_ones_too():
    text = (
        'def outer(\n    a,\n    b,\n):\n    """Says.\n\n    More.\n    """\n    def inner():\n'
        "        return 1\n    return inner\n"
    )
    assert sizes.functions({"a.py": text}) == [("a.py:outer", 3), ("a.py:inner", 1)]


def test_lines_files_and_occurrences(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a.py").write_text("x = 1  # type: ignore\n\ny = 2\n")
    (tmp_path / "b.txt").write_text("x = 1\n")
    files = sizes.files_of(tmp_path)
    assert list(files) == ["inner/a.py"] and sizes.lines(files) == 2
    assert sizes.occurrences(files, "type: ignore") == 1 and sizes.longest(files, 3) == [("inner/a.py", 3)]
