"""The pretrained model: where it comes from, and under which licence."""

from __future__ import annotations

from dataclasses import dataclass

from headstart.reports.numbers import count, is_number, memory, weights
from headstart.reports.run_files import RunFiles, mapping
from headstart.reports.sections.section import Section

# Keys of the card that are shown, in this order, and what they are called; an absent one is left out.
TEXTS = {
    "family": "Family",
    "licence": "Licence",
    "pretraining": "Pretrained on",
    "pretraining_data": "Pretrained on",
    "known_biases": "Known biases",
    "paper": "Paper",
}


@dataclass(frozen=True)
class ModelFact:
    """A line of the card; ``link`` only for addresses of the web, ``is_code`` for hashes and names."""

    label: str
    value: str
    link: str = ""
    is_code: bool = False


@dataclass(frozen=True)
class Model:
    """The card's lines."""

    facts: tuple[ModelFact, ...]


def build(run: RunFiles) -> Section | None:
    """None when the evidence names no backbone."""
    card = run.section("backbone")
    if not card:
        return None
    facts = [ModelFact("Name", str(card.get("name") or ""), is_code=True)]
    if is_number(card.get("parameters")):
        facts.append(ModelFact("Weights", f"{weights(card['parameters'])} ({count(card['parameters'])})"))
    facts += [ModelFact(label, _text(card[key])) for key, label in TEXTS.items() if card.get(key)]
    if is_number(card.get("size_mib")):
        facts.append(ModelFact("Size", memory(card["size_mib"])))
    facts += _cut(run)
    source = str(card.get("source") or "")
    if source:
        is_web = source.startswith(("https://", "http://")) and not any(sign.isspace() for sign in source)
        facts.append(ModelFact("Source", source, link=source if is_web else "", is_code=True))
    if card.get("sha256"):
        facts.append(ModelFact("sha256", str(card["sha256"]), is_code=True))
    licence = str(card.get("licence") or "")
    says = (
        f"The pretrained weights come under the licence {licence}. Whether it allows your use is yours to check."
        if licence
        else "The licence of the pretrained weights is not known: ask before you ship them."
    )
    read = "The hash names the exact weights file, so that anybody can check that it is the same one."
    return Section("model", "The pretrained model", "Model and licence", says, read, Model(tuple(facts)))


def _text(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def _cut(run: RunFiles) -> list[ModelFact]:
    planned = mapping(run.plan.get("backbone"))
    facts = []
    if planned.get("stage") is not None:
        facts.append(ModelFact("Frozen up to", str(planned["stage"]), is_code=True))
    if is_number(planned.get("D")):
        facts.append(ModelFact("Features per example", count(planned["D"])))
    return facts
