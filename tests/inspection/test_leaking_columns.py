"""Columns that tell the target: kept, left out already, and those that are no use."""

from __future__ import annotations

import numpy as np

from headstart.data.inferred_notes import GIVES_AWAY
from inspection.made_examined import checked, column, make_examined

TARGETS = ["gone", "stayed", "stayed", "gone"] * 20


def found(**options):
    examined = make_examined(options.pop("targets", TARGETS), modality="table", **options)
    return {finding.id: finding for finding in checked("leaking_columns", examined)}


def noise(n=80):
    return column(np.random.default_rng(0).normal(size=n), "number")


def test_a_leak_that_is_an_input_is_a_warning():
    codes = column([{"gone": 1, "stayed": 0}[target] for target in TARGETS], "number")
    findings = found(table={"age": noise(), "closed": codes})
    assert set(findings) == {"leaking_columns/closed"}
    finding = findings["leaking_columns/closed"]
    assert finding.severity == "warning"
    assert finding.what == (
        "The column 'closed' gives the answer away: alone it tells the right target in 100 % of the rows."
    )
    assert "--drop closed" in finding.action


def test_a_weaker_sign_is_a_hint():
    codes = [{"gone": 1, "stayed": 0}[target] for target in TARGETS]
    codes[0], codes[1] = 0, 1  # 78 of 80 right, 95 % of the mistakes of always saying one class avoided
    findings = found(table={"closed": column(codes, "number")})
    assert findings["leaking_columns/closed"].severity == "hint"


def test_only_learned_rows_are_looked_at():
    told = [{"gone": 1.0, "stayed": 0.0}[target] for target in TARGETS]
    test = list(range(40, 80))
    mixed = [*told[:40], *np.random.default_rng(0).normal(size=40)]
    assert set(found(table={"x": column(mixed, "number")}, test=test)) == {"leaking_columns/x"}
    mixed = [*np.random.default_rng(0).normal(size=40), *told[40:]]
    assert found(table={"x": column(mixed, "number")}, test=test) == {}


def test_the_same_quantity_in_another_unit():
    metres = np.random.default_rng(0).normal(100, 9, 60).round(3)
    findings = found(targets=[f"{value}" for value in metres], table={"feet": column(metres * 3.28, "number")})
    assert findings["leaking_columns/feet"].severity == "warning"


def test_what_was_left_out_already_is_a_hint():
    reasons = {"verdict": f"{GIVES_AWAY}: it is the target again", "id": "numbers the rows, like an identifier"}
    findings = found(table={"age": noise()}, left_out={**reasons, "unit": "is always 'kg'"})
    assert {name: finding.severity for name, finding in findings.items()} == {
        "leaking_columns/verdict": "hint",
        "leaking_columns/left_out": "hint",
    }
    assert findings["leaking_columns/verdict"].what == (
        "The column 'verdict' gives the answer away: it is the target again; it was left out already."
    )
    assert findings["leaking_columns/left_out"].what == (
        "2 columns were left out as no use ('id', 'unit'); for example 'id' numbers the rows, like an identifier."
    )


def test_honest_columns_are_silent():
    assert found(table={"age": noise()}) == {}
