"""The section ``update`` of evidence.json: the new model beside the old one, once the test was read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats, Targets, Task
from headstart.evaluation.intervals import interval
from headstart.evaluation.mcnemar import mcnemar
from headstart.evaluation.multiple_testing import holm
from headstart.evaluation.proportions import paired_difference
from headstart.evidence.against import against
from headstart.evidence.run_answers import RunAnswers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headstart.updating.former import Former
    from headstart.updating.gate import Judged
    from headstart.updating.joining import Joining
    from headstart.updating.placing import Placing

SHOWN_CLASSES = 5  # that a sentence names


@dataclass(frozen=True)
class Tested:
    """The test examples, now that their targets are known.

    Attributes:
        task: Of the new model.
        ids: Of n examples.
        targets: Of them.
        outputs: ``(n, W)`` of the new model.
        former: What the old one says.
        is_added: ``(n,)``: which are new.
        slices: Columns to report by, ``(n,)`` values each.
    """

    task: Task
    ids: Sequence[str]
    targets: Targets
    outputs: Floats
    former: Former
    is_added: NDArray[np.bool_]
    slices: Mapping[str, NDArray[Any]]


def update_section(joining: Joining, placing: Placing, gate: Judged, tested: Tested, seed: int) -> dict[str, Any]:
    """What was added, what the gate said, and both models on the old and on the new test examples.

    Differences are those of the new model minus the old one, turned so that positive is better: on the old test
    examples a negative one is what was forgotten. No example is named, since the section ships with the bundle.
    """
    reads = int(joining.evidence["test_reads"])
    section: dict[str, Any] = {
        "from": {
            "name": joining.name,
            "headstart_version": joining.evidence["headstart_version"],
            "hashes": joining.evidence.get("hashes", {}),
        },
        "test_reads": {"old": reads + 1, "new": 1},
        "added": _added(joining, placing, tested.task),
        "gate": gate.to_dict(),
    }
    for name, rows in (("old_test", ~tested.is_added), ("new_test", tested.is_added)):
        section[name] = _on(tested, np.flatnonzero(rows & tested.former.known), seed)
    section["sentence"] = _sentence(section, tested.task)
    return section


def _added(joining: Joining, placing: Placing, task: Task) -> dict[str, Any]:
    new = sorted(set(task.class_names) - set(joining.test.task.class_names))
    return {
        "n": len(placing.added) + len(placing.copies),
        **{part: int((placing.added == part).sum()) for part in ("train", "val", "test")},
        "copies": dict(Counter(placing.copies.values())),
        "followed": placing.followed,
        "new_classes": new,
    }


def _on(tested: Tested, rows: NDArray[np.int64], seed: int) -> dict[str, Any]:
    """Both models on some of the test examples; only their number where there is none."""
    if not len(rows):
        return {"n": 0}
    task, former = tested.task, tested.former.take(rows)
    targets, outputs = tested.targets.take(rows), tested.outputs[rows]
    ids, truth = np.array(tested.ids, dtype=object)[rows], np.array(task.written(targets), dtype=object)
    slices = {name: values[rows] for name, values in tested.slices.items()}
    one, other = (
        RunAnswers(
            name, said_by, ids, targets, found,
            np.array(said_by.predictions(found)["prediction"], dtype=object), truth, slices,
        )
        for name, said_by, found in (("the updated model", task, outputs), ("the old one", former.task, former.decided))
    )  # fmt: skip
    found = against(one, other, seed)
    primary = task.primary
    found[primary] = {
        "old": task.compare(targets, outputs, former.decided, seed, former.task)[primary],
        "new": task.compare(targets, former.decided, outputs, seed, task)[primary],
    }
    kept = {key: found[key] for key in ("n", primary, "difference", "mcnemar", "groups", "sentence") if key in found}
    return kept | ({"classes": _by_class(one, other)} if task.kind in ("class", "ordinal") else {})


def _by_class(one: RunAnswers, other: RunAnswers) -> dict[str, Any]:
    """Of each class: how many there are, how many both find, and the paired difference.

    ``p`` is that of McNemar's exact test, corrected after Holm for the number of classes.
    """
    found: dict[str, Any] = {}
    for name in one.task.class_names:
        rows = one.truth == name
        if not rows.any():
            continue
        mine, theirs = one.said[rows] == name, other.said[rows] == name
        gained, lost = int((mine & ~theirs).sum()), int((theirs & ~mine).sum())
        low, high = paired_difference(gained, lost, len(mine))
        found[name] = {
            "n": len(mine), "old": float(theirs.mean()), "new": float(mine.mean()), "gained": gained, "lost": lost,
            "difference": interval((gained - lost) / len(mine), (float(low), float(high))),
        }  # fmt: skip
    for each, p in zip(found.values(), holm([_p(each) for each in found.values()]), strict=True):
        each["p"] = float(p)
    return found


def _p(each: Mapping[str, Any]) -> float:
    return float(mcnemar(each["gained"], each["lost"])["p"])


def _sentence(section: Mapping[str, Any], task: Task) -> str:
    added, new = section["added"], section["added"]["new_classes"]
    text = f"Updated from {section['from']['name']} with {added['n'] - sum(added['copies'].values()):,} new examples"
    if new:
        more = f" and {len(new) - SHOWN_CLASSES} more" if len(new) > SHOWN_CLASSES else ""
        text += (
            f", some of classes that the old model does not know ({', '.join(map(repr, new[:SHOWN_CLASSES]))}{more})"
        )
    old, fresh = _compared(section["old_test"], task), _compared(section["new_test"], task)
    text += f": {old} on the {section['old_test']['n']:,} old test examples"
    return (
        f"{text}, {fresh} on the {section['new_test']['n']:,} new ones." if fresh else f"{text}; no new one is tested."
    )


def _compared(part: Mapping[str, Any], task: Task) -> str:
    """How much better the updated model is on some examples; "" where there is none."""
    if not part["n"]:
        return ""
    difference = part["difference"]
    if difference["value"] is None:
        return "no telling"
    size, span = task.difference_text(difference)
    side = "as good" if difference["value"] == 0 else "better" if difference["value"] > 0 else "worse"
    by = "" if side == "as good" else f" by {size}"
    is_clear = difference["low"] is not None and not difference["low"] <= 0 <= difference["high"]
    return f"{side}{by} ({span}{'' if is_clear else ', so it may be chance'})"
