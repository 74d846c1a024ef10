"""A small Examined in memory, with what a test says about it and nothing wrong otherwise."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core import plugins
from headstart.core.learning import Floats, Targets
from headstart.core.schema import PartSchema
from headstart.core.table import Column, Table
from headstart.data.dataset import LabeledDataset
from headstart.data.inputs import Objects
from headstart.data.modalities import modality as modality_called
from headstart.data.part import Part
from headstart.data.text_inputs import Texts
from headstart.inspection.examined import Examined, Facts
from headstart.inspection.finding import Finding
from headstart.tasks.choose import choose_task_name, configured

FOLDS = 5


def make_examined(
    targets: Sequence[str],
    *,
    task: str = "auto",
    contents: Sequence[Any] | None = None,
    modality: str = "image",
    table: Mapping[str, Column] | None = None,
    ids: Sequence[str] | None = None,
    test: Sequence[int] = (),
    learned: Sequence[int] | None = None,
    out_of_fold: Floats | None = None,
    duplicates: Sequence[int] | None = None,
    groups: Sequence[str | None] | None = None,
    features: Floats | None = None,
    facts: Mapping[str, Facts] | None = None,
    left_out: Mapping[str, str] | None = None,
    slices: Mapping[str, Sequence[str]] | None = None,
    seed: int = 0,
) -> Examined:
    """N examples.

    Args:
        targets: N, as users write them; those of rows that are not learned do not reach the checks.
        task: A task's name, or "auto".
        contents: N inputs of one part: bytes or Pillow images, of texts str; None: other bytes for each row.
        modality: Of the part: "image", "sound", "text"; "table" where ``table`` is all there is.
        table: Plain columns by name; see :func:`column`.
        ids: N names; None: "a/0.png" of class a.
        test: Rows on the other side of a given split; none: there is no split.
        learned: Rows with targets that may be seen; None: all that are not in ``test``.
        out_of_fold: ``(L, W)``, for the learned rows.
        duplicates: N group numbers; None: each row alone.
        groups: N values of the groups column.
        features: ``(N, D)``.
        facts: By modality.
        left_out: Column names with reasons.
        slices: By name, N values of each.
        seed: See Examined.
    """
    n = len(targets)
    is_test = np.zeros(n, bool)
    is_test[list(test)] = True
    rows = np.flatnonzero(~is_test) if learned is None else np.asarray(learned, np.int64)
    dataset = LabeledDataset(
        parts=() if modality == "table" else (_part(contents, modality, n),),
        table=Table(dict(table or {})),
        ids=tuple(ids) if ids is not None else tuple(f"{target}/{row}.png" for row, target in enumerate(targets)),
        name="made",
        targets=np.asarray(targets, dtype=object),
        split=np.where(is_test, "test", "train" if is_test.any() else "").astype(object),
        groups=None if groups is None else np.asarray(groups, dtype=object),
        slices={name: np.asarray(values, dtype=object) for name, values in (slices or {}).items()},
    )
    known = dataset.take(rows)
    name = choose_task_name(known.targets)[0] if task == "auto" else task
    chosen = configured(name, known.targets)
    return Examined(
        inputs=dataset.without_targets(),
        learned=known,
        rows=rows,
        is_test=is_test,
        task=chosen,
        targets=chosen.encode(known.targets),
        folds=np.arange(len(rows)) % FOLDS,
        out_of_fold=None if out_of_fold is None else np.asarray(out_of_fold, np.float64),
        duplicates=np.arange(n) if duplicates is None else np.asarray(duplicates, np.int64),
        groups=dataset.groups,
        features=None if features is None else partial(np.asarray, features),
        facts=dict(facts or {}),
        left_out=dict(left_out or {}),
        seed=seed,
    )


def checked(name: str, examined: Examined, **settings: Any) -> list[Finding]:
    """What one check finds, with its defaults or some settings of its own."""
    plugin = plugins.load("inspection.checks", name)
    found: list[Finding] = plugin.build(plugin.config(**settings)).check(examined)
    return found


def column(values: Sequence[Any], kind: str = "category") -> Column:
    """One plain column: "category" of str or None, else numbers and NaN."""
    return Column(kind, np.asarray(values, dtype=object if kind == "category" else np.float64))


def gaussian_classes(
    n: int, k: int = 4, d: int = 32, apart: float = 3.0, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """``(N, D)`` features of k classes in turn, centres ``apart`` noise widths from 0; and classes ``(N,)``."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((k, d))
    centres *= apart / np.linalg.norm(centres, axis=1, keepdims=True)
    classes = np.arange(n) % k
    return (centres[classes] + rng.standard_normal((n, d))).astype(np.float32), classes


def probed(features: Floats, targets: Targets) -> Floats:
    """``(N, W)`` out-of-fold outputs of the linear probe on five shuffled folds."""
    plugin = plugins.load("methods", "linear_probe")
    folds = np.random.default_rng(1).permutation(len(features)) % FOLDS
    solution = plugin.build(plugin.config()).fit(features, targets, folds, np.random.default_rng(0))
    return np.asarray(solution.out_of_fold)


def _part(contents: Sequence[Any] | None, modality: str, n: int) -> Part:
    if contents is None:
        contents = [f"input {row}" if modality == "text" else f"input {row}".encode() for row in range(n)]
    inputs = Texts(contents) if modality == "text" else Objects(contents)
    digests = [hashlib.sha256(inputs.read(row)).digest() for row in range(n)]
    keys = np.frombuffer(b"".join(digests), np.uint8).reshape(n, 32)
    return Part(
        PartSchema(modality=modality), inputs, keys, np.zeros((n, len(modality_called(modality).measures)), int)
    )
