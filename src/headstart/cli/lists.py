"""``headstart models | methods | tasks``: what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from headstart.cli.output import JsonOption, answering, show

if TYPE_CHECKING:
    from headstart.api.results import Listing


MODEL_COLUMNS = (
    "name",
    "modality",
    "family",
    "parameters",
    "size_mib",
    "feature_dim",
    "licence",
    "embedded",
    "pretraining",
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(name="models")(answering(models))
    app.command(name="methods")(answering(methods))
    app.command(name="tasks")(answering(tasks))


def models(
    text: Annotated[str, typer.Argument(help="Part of a name, of the pretraining data or of the notes.")] = "",
    modality: Annotated[str | None, typer.Option(help="Only for this: image, text or sound.")] = None,
    family: Annotated[str | None, typer.Option(help="Only this family, for example resnet.")] = None,
    licence: Annotated[str | None, typer.Option(help="Only this licence, for example apache-2.0.")] = None,
    max_parameters: Annotated[float | None, typer.Option(min=0, help="At most this many, for example 10e6.")] = None,
    installed: Annotated[bool, typer.Option("--installed", help="Only weights that are on this machine.")] = False,
    json: JsonOption = False,
) -> int:
    """List pretrained models with size, licence and what they were trained on."""
    from headstart import api

    result = api.list_models(
        text=text,
        modality=modality,
        family=family,
        licence=licence,
        max_parameters=None if max_parameters is None else int(max_parameters),
        installed=installed,
    )
    show(result, lambda: table(result, MODEL_COLUMNS), as_json=json)
    return 0


def methods(json: JsonOption = False) -> int:
    """List transfer methods."""
    from headstart import api

    result = api.list_methods()
    show(result, lambda: table(result), as_json=json)
    return 0


def tasks(json: JsonOption = False) -> int:
    """List what targets can mean."""
    from headstart import api

    result = api.list_tasks()
    show(result, lambda: table(result), as_json=json)
    return 0


def table(listing: Listing, columns: tuple[str, ...] | None = None) -> str:
    """A listing as aligned text."""
    if not listing.rows:
        return f"No {listing.kind} match."
    columns = columns or tuple(key for key in listing.rows[0] if not isinstance(listing.rows[0][key], dict | list))
    cells = [columns, *(tuple(_cell(row.get(column)) for column in columns) for row in listing.rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.1f}"
    return str(value)
