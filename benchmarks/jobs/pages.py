"""A job's result as a page of documentation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jobs.catalogue import Job

FOR_WHOM = (
    "[For whom?](for_whom.md) looks at the groups of three sets: incomes by sex and race, loans by sex and age, digits "
    "by speaker and accent."
)

ADAPTATIONS = (
    "Two adaptations without labels: [a voice that was not there](adapt_a_new_voice.md), which helps, and "
    "[other questions](adapt_held_back.md), where the guard holds back."
)


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "not timed, since other work ran beside it"
    took = f"the whole process took {seconds:.0f} s on two cores"
    return f"{took} with nothing kept from before (times vary with the machine)"


def page(job: Job, result: dict[str, Any]) -> str:
    """Markdown: the command, what was understood, the result, what it was held against."""
    command = " ".join(["headstart fit", f"DATA/{job.data}", *job.options])
    n = result["n"]
    lines = [
        f"# {job.title}", "", job.story, "", f"Data: {job.origin}.", "", "```", command, "```", "",
        "What Headstart understood, as the plan says it:", "", *[f"- {note}" for note in result["notes"]], "",
        f"> {result['sentence']}", "",
        f"{n['train'] + n['val']:,} examples to learn from, {n['test']:,} to test on; {_time(result['seconds'])}.", "",
        *_metrics(result), "", *_comparisons(result),
    ]  # fmt: skip
    if result.get("note"):
        lines += ["", result["note"]]
    if result.get("slices"):
        lines += ["", *_slices(result)]
    if result["warnings"]:
        lines += ["", "Warnings in the evidence:", "", *[f"- {warning}" for warning in result["warnings"]]]
    lines += ["", f"Made by `python benchmarks/examples.py --data DATA --only {job.name}` (seed 0).", ""]
    return "\n".join(lines)


def index(jobs: Sequence[Job], results: dict[str, Any]) -> str:
    """The list of pages with their results."""
    lines = [
        "# Examples",
        "",
        "Real data, one command each. Every figure comes from the run of that command: the test split was read once.",
        "",
        "| job | command | result |",
        "|--|--|--|",
    ]
    for job in jobs:
        options = " ".join(job.options)
        lines.append(
            f"| [{job.title}]({job.name}.md) | `fit {job.data}{' ' + options if options else ''}` "
            f"| {results[job.name]['sentence']} |"
        )
    return "\n".join([*lines, "", FOR_WHOM, "", ADAPTATIONS, ""])


def _metrics(result: dict[str, Any]) -> list[str]:
    lines = ["| metric | value | 95 % interval |", "|--|--|--|"]
    for name, value in result["test"].items():
        if isinstance(value, dict) and value.get("value") is not None:
            lines.append(f"| {name} | {value['value']:.3f} | {_span(value)} |")
    return lines


def _comparisons(result: dict[str, Any]) -> list[str]:
    primary = result["primary"]
    chosen = result["verdict"]["chosen"]
    own = result["test"][primary]
    lines = [
        f"| candidate | {primary} | the chosen one is better by |",
        "|--|--|--|",
        f"| **{chosen}** (chosen) | {own['value']:.3f} ({_span(own)}) | |",
    ]
    for row in result["comparisons"]:
        value, difference = row[primary], row["difference"]
        text = f"{difference['value']:+.3f} ({_span(difference, '+')})"
        lines.append(f"| {row['name']}: {row['what']} | {value['value']:.3f} ({_span(value)}) | {text} |")
    return lines


def _slices(result: dict[str, Any]) -> list[str]:
    primary = result["primary"]
    lines = [f"| group | n | {primary} |", "|--|--|--|"]
    for column, values in result["slices"].items():
        for name, found in values.items():
            value = found[primary]
            shown = "-" if value["value"] is None else f"{value['value']:.3f} ({_span(value)})"
            lines.append(f"| {column}: {name} | {found['n']} | {shown} |")
    return lines


def _span(value: dict[str, Any], sign: str = "") -> str:
    if value.get("low") is None:
        return "no interval"
    return f"{value['low']:{sign}.3f} to {value['high']:{sign}.3f}"
