"""``headstart rank``: which pretrained networks promise most for a data set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from headstart.cli.lists import table
from headstart.cli.options import DataArgument, fit_option, listed
from headstart.cli.output import DebugOption, JsonOption, QuietOption, answering, set_up_logging, show
from headstart.cli.progress import listener

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headstart.api.results import Ranking

MODELS = "Candidates, separated by commas: NAME, NAME:160 (picture size), NAME@STAGE, random(NAME), a baseline."
SHOWN = 5  # models that are not here, named before "and n more"
WHERE = "A filter instead, for example 'parameters < 10M and licence = apache-2.0'."


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="rank")(answering(rank))


def rank(
    data: DataArgument,
    models: Annotated[str | None, typer.Option(help=MODELS)] = None,
    where: Annotated[str | None, typer.Option(help=WHERE)] = None,
    target: Annotated[str | None, fit_option("target", "--target")] = None,
    input: Annotated[str | None, fit_option("input", "--input")] = None,
    task: Annotated[str | None, fit_option("task", "--task")] = None,
    groups: Annotated[str | None, fit_option("groups", "--groups")] = None,
    id: Annotated[str | None, fit_option("id", "--id")] = None,
    drop: Annotated[str | None, fit_option("drop", "--drop")] = None,
    test: Annotated[str | None, typer.Option(help="Separate test data, which a ranking does not look at.")] = None,
    resplit: Annotated[bool | None, fit_option("resplit", "--resplit/--no-resplit")] = None,
    seed: Annotated[int | None, fit_option("seed", "--seed")] = None,
    threads: Annotated[int | None, fit_option("threads", "--threads")] = None,
    device: Annotated[str | None, fit_option("device", "--device")] = None,
    cache: Annotated[str | None, fit_option("cache", "--cache")] = None,
    cache_size: Annotated[str | None, fit_option("cache_size", "--cache-size")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for ranking.json, new or empty.")] = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> int:
    """Order pretrained networks by how well a probe of their features does on DATA's training part."""
    set_up_logging(debug)
    from headstart import api

    with listener(quiet=quiet or json) as bar:
        result = api.rank(
            data, models=listed(models), where=where, target=target, input=input, task=task, groups=groups, id=id,
            drop=listed(drop), test=test, resplit=resplit, seed=seed, threads=threads, device=device, cache=cache,
            cache_size=cache_size, out=out, progress=bar,
        )  # fmt: skip
    show(result, lambda: result.sentence if quiet else ranking_text(result), as_json=json)
    return 0


def ranking_text(result: Ranking) -> str:
    """The table, what it leaves open, the result in a sentence, and the command to go on with."""
    document = result.document
    lines = [table(_cells(document)), ""]
    lines += [f"Warning: {warning}" for warning in document["warnings"]]
    if document["not_here"]:
        names, rest = document["not_here"][:SHOWN], len(document["not_here"]) - SHOWN
        more = f" and {rest} more" if rest > 0 else ""
        lines.append(f"Not here, so not measured: {', '.join(names)}{more}. --models fetches those that it names.")
    by = document["static"]["by"]
    lines.append(f"= cannot be told apart from the first. size#: place by {by}, without looking at the data.")
    if any(row["stage"] for row in document["candidates"]):
        lines.append("ms of stages are those of PyTorch; a whole network runs in whatever is fastest here.")
    lines += ["", result.sentence, f"Go on with:  {result.command}"]
    return "\n".join(lines)


def _cells(document: Mapping[str, Any]) -> Any:
    """Texts for :func:`headstart.cli.lists.table`."""
    from headstart.api.results import Listing

    voters = list(dict.fromkeys(name for row in document["candidates"] for name in row["votes"]))
    scale, form = (100, ".1f") if document["primary"] == "accuracy" else (1, ".3g")
    unit = f"{document['primary']} %" if scale == 100 else document["primary"]
    rows = []
    for row in document["candidates"]:
        score = row["score"]
        span = "-" if score["low"] is None else f"{score['low'] * scale:{form}} to {score['high'] * scale:{form}}"
        rows.append(
            {
                "": f"{row['place']}{'=' if row['is_tied'] and row['place'] > 1 else ''}",
                "candidate": row["name"],
                unit: f"{score['value'] * scale:{form}}",
                "95 %": span,
                "best": f"{row['best_probability'] * 100:.0f} %",
                "knn": _number(row["knn"], scale, form),
                **{name: _number(row["votes"].get(name), 1, ".3g") for name in voters},
                "size#": row["static_place"],
                "ms": _number(row["ms_per_input"], 1, ".2g" if (row["ms_per_input"] or 0) < 1 else ".1f"),
                "parameters": _million(row["parameters"]),
                "MiB": row["size_mib"],
                "fine-tune": _minutes(row["fine_tune_seconds"]),
                "licence": row["licence"],
            }
        )
    return Listing("ranking", rows)


def _number(value: float | None, scale: float, form: str) -> str | None:
    return None if value is None else f"{value * scale:{form}}"


def _million(count: int | None) -> str | None:
    return None if count is None else f"{count / 1e6:.1f}M"


def _minutes(seconds: float | None) -> str | None:
    return None if seconds is None else f"{max(1, round(seconds / 60))} min"
