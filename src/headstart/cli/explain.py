"""``headstart explain``: why the model predicted that."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from headstart.cli.output import DebugOption, JsonOption, QuietOption, answering, say, set_up_logging, show
from headstart.cli.progress import listener
from headstart.core.errors import UserError

if TYPE_CHECKING:
    from headstart.api.explanations import ExplainedClasses, ExplainedMistakes, Explanations

SHOWN = 5  # units of a class in a line


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="explain")(answering(explain))


def explain(
    run: Annotated[Path, typer.Argument(help="A run folder, its bundle/, or a bundle copied elsewhere.")],
    inputs: Annotated[
        list[str] | None, typer.Argument(help="As predict takes them: files, folders, a table, or -.")
    ] = None,
    mistakes: Annotated[
        bool,
        typer.Option("--mistakes", help="Explain, without INPUTS, the mistakes in RUN's report, and write it again."),
    ] = False,
    by_class: Annotated[
        bool,
        typer.Option("--by-class", help="What drives each class, over INPUTS or without them RUN's training examples."),
    ] = False,
    per_class: Annotated[int, typer.Option(help="With --by-class: examples of each class, at most.")] = 50,
    at_least: Annotated[int, typer.Option(help="With --by-class: texts that must hold a word.")] = 3,
    out: Annotated[
        Path | None, typer.Option(help="Folder for what is found, a page and drawings, new or empty.")
    ] = None,
    class_name: Annotated[
        str | None, typer.Option("--class", help="Class, grade or label to explain; else what has the largest output.")
    ] = None,
    method: Annotated[
        str,
        typer.Option(help="auto, hires_cam, grad_cam, class_activation, integrated_gradients, shapley or occlusion."),
    ] = "auto",
    steps: Annotated[int, typer.Option(help="Points on the way of integrated gradients.")] = 16,
    checks: Annotated[
        bool, typer.Option("--checks/--no-checks", help="Whether to measure how far the explanation can be trusted.")
    ] = True,
    neighbours: Annotated[int, typer.Option(help="Nearest training examples to show; needs the run's data.")] = 3,
    input: Annotated[
        str | None,
        typer.Option(help="Columns with the inputs, separated by commas, where a table calls them otherwise."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of random orders and random weights.")] = 0,
    threads: Annotated[int | None, typer.Option(help="Processor threads.")] = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> int:
    """Say which parts of each input the answer rests on, with checks of that."""
    set_up_logging(debug)
    from headstart import api

    with listener(quiet=quiet or json) as bar:
        result = api.explain(
            run, inputs or None, mistakes=mistakes, by_class=by_class, per_class=per_class, at_least=at_least, out=out,
            class_name=class_name, method=method, steps=steps, checks=checks, neighbours=neighbours, input=input,
            seed=seed, threads=threads, progress=bar,
        )  # fmt: skip
    if isinstance(result, api.ExplainedMistakes):
        show(result, lambda: _of_mistakes(result), as_json=json)
        return 0
    if isinstance(result, api.ExplainedClasses):
        show(result, lambda: _of_classes(result), as_json=json)
        return 0
    show(result, lambda: _text(result), as_json=json)
    if result.failed and not quiet:
        say(f"{result.failed:,} of {len(result.documents):,} inputs could not be used; see their error.")
    return UserError.exit_code if result.failed == len(result.documents) else 0


def _of_classes(result: ExplainedClasses) -> str:
    lines = []
    for each in result.document["classes"]:
        name = each["class"] if each["class"] is not None else "the number"
        if "outer" in each:
            share, area = each["outer"]["share"]["value"], each["outer"]["area"]
            lines.append(f"{name} ({each['examples']}): {share:.0%} of it in the outer {area:.0%} of the picture")
            continue
        size = "size" if each["units"] and "size" in each["units"][0] else "mean"
        named = [f"{unit['name']} ({unit[size]['value']:.3g})" for unit in each["units"][:SHOWN]]
        lines.append(f"{name} ({each['examples']}): {', '.join(named) or 'no word is in enough of its texts'}")
    return "\n".join([*lines, *([f"Page: {result.path / 'by_class.html'}"] if result.path else [])])


def _of_mistakes(result: ExplainedMistakes) -> str:
    lines = []
    for each in result.document["mistakes"]:
        if each["error"] is not None:
            lines.append(f"{each['id']}: {each['error']}")
            continue
        taken = (each["checks"] or {}).get("taken_away")
        about = each["explained"] if each["explained"] is not None else "the number"
        without = f"; without what speaks most for it {taken['marked']:.3g}" if taken else ""
        lines.append(f"{each['id']}: {about} ({each['score']:.3g}) by {each['method']}{without}")
    return "\n".join([*lines, f"Report:  {result.report}"])


def _text(result: Explanations) -> str:
    lines = [line for document in result.documents for line in _of_one(dict(document))]
    if result.path is not None:
        lines.append(f"Page: {result.path / 'explain.html'}")
    return "\n".join(lines)


def _of_one(document: dict[str, Any]) -> list[str]:
    from headstart.api.explanations import most

    if document["error"] is not None:
        return [f"{document['id']}: {document['error']}"]
    about = document["explained"] if document["explained"] is not None else "the number"
    lines = [f"{document['id']}: {document['prediction']}; {about} ({document['score']:.3g}) by {document['method']}"]
    named = ", ".join(f"{name} ({value:+.3g})" for name, value in most(document))
    lines.append(f"  for it speak most: {named}" if named else f"  no {document['unit']} speaks for it")
    checks = document["checks"]
    if checks:
        measured, random = checks["curves"], checks["random_weights"]
        lines.append(
            f"  deletion {measured['deletion']:.3f}, insertion {measured['insertion']:.3f}; random orders "
            f"{measured['random']:.3f} ({measured['random_low']:.3f} to {measured['random_high']:.3f})"
        )
        correlation = random["rank_correlation"]
        said = f"{correlation:.2f} (near 0 is right)" if correlation is not None else f"none: {random['why_not']}"
        lines.append(f"  rank correlation with random weights {said}")
    near = document["neighbours"]
    if near["nearest"]:
        shown = ", ".join(f"{each['id']} ({each['target']})" for each in near["nearest"])
        other = near["otherwise"]
        lines.append(f"  nearest training examples: {shown}")
        if other:
            lines.append(f"  nearest that the model gives another answer: {other['id']} ({other['prediction']})")
    return lines
