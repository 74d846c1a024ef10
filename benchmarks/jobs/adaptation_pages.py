"""Pages of docs/examples on adaptations: what a user typed, what came out, what the report showed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Page:
    """One page; ``concluded`` is said only where the guard decided as it did when that was written.

    Attributes:
        title: Heading.
        story: Who wants what.
        origin: Of the data, with the licence.
        commands: As typed in a folder with the tables that the story names.
        is_adapted: What the guard decided when the page was written.
        concluded: What follows.
    """

    title: str
    story: str
    origin: str
    commands: tuple[str, ...]
    is_adapted: bool
    concluded: str

    def text(self, name: str, said: Sequence[Any], moved: Document) -> str:
        """Markdown; raises ValueError where the guard decided otherwise than the page says."""
        section = moved["adaptation"]
        if (section["method"] is not None) != self.is_adapted:
            raise ValueError(f"{name} tells of a guard that decided otherwise; it now chose {section['method']}.")
        lines = [f"# {self.title}", "", self.story, "", f"Data: {self.origin}.", ""]
        for each in said:
            code = f"\n(exit code {each.code})" if each.code else ""
            lines += ["```", f"$ {each.command}", f"{each.text}{code}", "```", ""]
        lines += ["## What the report says", "", *looked_at(section), "", self.concluded, ""]
        made = f"`python benchmarks/adaptation_examples.py --data DATA --only {name}`"
        lines += [f"Made by {made}; lines of progress are left out (`--quiet`)."]
        return "\n".join(lines) + "\n"


def looked_at(section: Document) -> list[str]:
    """The parts of the report as a list, with their figures."""
    found = []
    before, after = (section["map"].get(when) for when in ("before", "after"))
    if before and before["told_apart"]:
        told = f"- *How far apart are they?* Told apart {before['told_apart']['auc']:.2f}"
        later = f", {after['told_apart']['auc']:.2f} after" if after and after["told_apart"] else ""
        found.append(f"{told}{later} (0.50 is guessing).")
    moves = section["changed"]["moves"]
    if moves:
        named = "; ".join(f"{each['before']} → {each['after']} ({each['n']})" for each in moves[:4])
        found.append(f"- *Which answers change?* {section['changed']['n']} of {section['changed']['of']}: {named}.")
    if section.get("labels"):
        found += _measured(section["labels"])
    return found


def _measured(labels: Document) -> list[str]:
    by_name = {each["name"]: each for each in labels["methods"]}
    right = {name: each["value"]["value"] for name, each in by_name.items()}
    told = f"- *What labels say*: the model as it is is right on {right['run']:.1%}"
    if "ships" in by_name:
        span = _points(by_name["ships"]["difference"])
        told += f", what ships on {right['ships']:.1%} (a difference of {span} points)"
    found = [f"{told}, a head that the labels teach on {right['target_labels']:.1%}."]
    ways = {name: right[name] for name in right if name not in ("run", "source_only", "ships", "target_labels")}
    below, worst = [name for name in ways if ways[name] < right["run"]], min(ways, key=lambda name: ways[name])
    found.append(
        f"- {len(below)} of {len(ways)} ways would have been worse than the model as it is; {worst} is right on "
        f"{ways[worst]:.1%}."
    )
    for each in labels["by_class"]["classes"]:
        if each["class"] == labels["by_class"]["lost"]:
            told = f"“{each['class']}” lost most: {_points(each['change'])} points of recall"
            found.append(f"- *Which classes gain, which lose?* {told}.")
    return found


def _points(change: Document) -> str:
    return f"{100 * change['value']:+.1f} ({100 * change['low']:+.1f} to {100 * change['high']:+.1f})"


PAGES = {
    "adapt_a_new_voice": Page(
        "A voice that was not there: the model is adapted",
        "A model tells spoken digits of five people apart and is now used by a sixth, of whom there are 200 recordings "
        "without labels. `voices.csv` names the recordings of the five with their digit and speaker, `new_voice.csv` "
        "those of the sixth. So that this page can say whether it was right, `checked.csv` has their digits: they "
        "choose nothing.",
        "Free Spoken Digit Dataset, https://github.com/Jakobovski/free-spoken-digit-dataset, CC BY-SA 4.0",
        (
            "headstart fit voices.csv --groups speaker --method linear_probe --out run",
            "headstart adapt run --to new_voice.csv --evaluate checked.csv --out moved",
        ),
        True,
        "So `moved` is for the new voice alone; for the five others the former model stays. Its gain is small beside "
        "what labels would teach: twenty of them, with `--labels`, would check the estimate.",
    ),
    "adapt_held_back": Page(
        "Other questions, the same words: the guard holds back",
        "A model sorts questions to a bank into twelve intents, which came equally often. Now most questions are about "
        "four of them, and the user asks whether it has to be adapted. `later.csv` has those questions without "
        "labels; `checked.csv` has their intents, so that this page can say whether the guard was right.",
        "Banking77, https://github.com/PolyAI-LDN/task-specific-datasets, CC BY 4.0",
        (
            "headstart fit questions.csv --method linear_probe --out run",
            "headstart adapt run --to later.csv --evaluate checked.csv --out moved",
        ),
        False,
        "So the model stays, and nothing has to be done. No label was needed for that, no bundle was written, and the "
        "labels confirm it: a way named by hand could have cost four of ten answers.",
    ),
}
