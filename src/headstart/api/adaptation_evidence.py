"""evidence.json of an adapted run: what was tried, what was chosen and why, what it changes, and the test at home."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core import plugins

if TYPE_CHECKING:
    from headstart.adaptation.choosing import Choice
    from headstart.adaptation.contract import Solver
    from headstart.adaptation.shipping import Shipped
    from headstart.adaptation.trying import Tried
    from headstart.api.two_domains import Given
    from headstart.core.learning import Floats

SHOWN_CHANGES = 50
SHOWN_MOVES = 20
SEED = 0
TITLES = {"network_statistics": "Statistics of the new domain in the network"}  # of ways that are no plugins
ROOMS = ("adaptation.adapters", "adaptation.trainers")


def evidence_of(
    given: Given,
    found: Sequence[Tried],
    left_out: Mapping[str, str],
    choice: Choice,
    final: Shipped | None,
    outputs: Floats,
    solver: Solver,
    test_features: Any = None,
) -> dict[str, Any]:
    """The document.

    Args:
        given: Both domains.
        found: The model as it is first, then the adapters.
        left_out: Why others could not be used, by name.
        choice: Which ships.
        final: What ships; None: nothing.
        outputs: ``(m, K)`` calibrated, of what ships, else of the model as it is.
        solver: Of heads.
        test_features: ``(t, D)`` of the run's test where what ships has a network of its own; None: as ``given``.
    """
    old = given.shipped.evidence()
    section = _section(given, found, left_out, choice, outputs, final)
    document = _at_home(given, final, solver, section, test_features)
    document["adaptation"] = section
    document["sentence"] = sentence_of(section)
    document["cost"] = {"seconds": round(sum(each.seconds for each in found), 3)}
    document["hashes"] = {key: value for key, value in old.get("hashes", {}).items() if key == "data"}
    return document


def _at_home(
    given: Given, final: Shipped | None, solver: Solver, section: dict[str, Any], test_features: Any
) -> dict[str, Any]:
    """The document on the run's own test, which is read once more; its former one where that is not there."""
    from headstart.evidence.document import Facts, of_an_evaluation

    old, source = given.shipped.evidence(), given.source
    if source is None:
        kept = ("schema", "headstart_version", "task", "primary", "primary_reason", "n", "test", "backbone", "data")
        told = "The figures of the test are those of the model before it was adapted."
        return {name: old[name] for name in kept if name in old} | {
            "test_reads": int(old["test_reads"]), "warnings": [*given.notes, told],
        }  # fmt: skip
    former = given.shipped.task()
    task = former if final is None else final.task
    targets = task.encode(source.test.targets)
    before = given.predictor.outputs_of(source.test_features)
    features = source.test_features if test_features is None else test_features
    after = before if final is None else final.outputs(solver, features)
    facts = Facts(
        counts={**old["n"], "test": len(source.test)},
        backbone=old["backbone"],
        data=old["data"],
        test_reads=int(old["test_reads"]) + 1,
        warnings=list(given.notes),
    )
    section["home"] = {"n": len(targets), **task.compare(targets, after, before, SEED, former)}
    return of_an_evaluation(task, targets, after, facts, SEED)


def _section(
    given: Given,
    found: Sequence[Tried],
    left_out: Mapping[str, str],
    choice: Choice,
    outputs: Floats,
    final: Shipped | None,
) -> dict[str, Any]:
    from headstart.postprocessing.answers import Answers
    from headstart.postprocessing.unknown import UNKNOWN

    before = Answers(given.shipped.task(), given.shipped.postprocessing())
    after = before if final is None else Answers(final.task, final.postprocessing)
    source, names = given.domains.source, list(after.task.class_names)
    if after.postprocessing.record.unknown_below is not None:
        names.append(UNKNOWN)
    said = {"before": before.words(given.domains.start), "after": after.words(outputs)}
    words = {when: np.array(each, dtype=object) for when, each in said.items()}
    differ = np.flatnonzero(words["before"] != words["after"])
    return {
        "from": {"name": given.shipped.folder.parent.resolve().name, "hashes": given.shipped.evidence().get("hashes")},
        "to": {"name": given.aim.name, "n": len(given.aim.ids), "unusable": given.aim.unusable},
        "method": choice.name,
        "why": choice.why,
        "gain": dict(choice.gains[choice.name]) if choice.name is not None and choice.name in choice.gains else None,
        "methods": [_row(each, choice, found[0]) for each in found],
        "left_out": dict(left_out),
        "shares": [
            {
                "class": name,
                "learned": None if source is None else float((source.targets.values == number).mean()),
                **{when: float((each == name).mean()) for when, each in words.items()},
            }
            for number, name in enumerate(names)
        ],
        "changed": {
            "n": len(differ),
            "of": len(outputs),
            "moves": _moves(words, differ),
            "examples": _changes(given, words, after.task.predictions(outputs), differ),
        },
    }


def _row(each: Tried, choice: Choice, base: Tried) -> dict[str, Any]:
    from headstart.adaptation import taught

    title = {**TITLES, **taught.TITLES}.get(each.name, "The model as it is")
    for room in ROOMS:
        if each.name in plugins.names(room):
            title = plugins.stated(room, each.name).get("title") or each.name
    return {
        "name": each.name,
        "title": title,
        "gain": dict(choice.gains[each.name]) if each.name in choice.gains else None,
        "values": {name: None if value != value else value for name, value in each.values.items()},  # noqa: PLR0124 - NaN
        "changes": int((each.outputs.argmax(axis=1) != base.outputs.argmax(axis=1)).sum()),
        "seconds": round(each.seconds, 3),
        "report": dict(each.report),
    }


def _moves(words: Mapping[str, NDArray[Any]], differ: NDArray[np.int64]) -> list[dict[str, Any]]:
    """From which answer to which, the most frequent first."""
    pairs = Counter((str(words["before"][row]), str(words["after"][row])) for row in differ.tolist())
    return [{"before": a, "after": b, "n": n} for (a, b), n in pairs.most_common(SHOWN_MOVES)]


def _changes(
    given: Given, words: Mapping[str, NDArray[Any]], after: Mapping[str, Any], differ: NDArray[np.int64]
) -> list[dict[str, Any]]:
    """Examples about which the adapted model says something else, the surest first."""
    sure = np.asarray(after["probability"], np.float64)
    order = differ[np.argsort(-sure[differ], kind="stable")][:SHOWN_CHANGES]
    return [
        {
            "id": str(given.aim.ids[row]),
            "before": str(words["before"][row]),
            "after": str(words["after"][row]),
            "sure": float(sure[row]),
        }
        for row in order
    ]


def sentence_of(section: Mapping[str, Any]) -> str:
    """The result for people who train no models."""
    changed, to = section["changed"], section["to"]
    if section["method"] is None:
        return f"The model stays as it is for {to['name']}: {section['why']}"
    share = f"{changed['n']:,} of {changed['of']:,} answers"
    return f"Adapted to {to['name']} by {section['method']}, which changes {share}. {section['why']}"
