"""What several commands take from the command line: options that are fields of the request, lists, settings."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from headstart.request.fit_config import FitConfig

DataArgument = Annotated[str, typer.Argument(help=FitConfig.model_fields["data"].description)]
SettingsOption = Annotated[list[str] | None, typer.Option("--set", help="key=value, for example model.resize=pad.")]


def fit_option(field: str, *names: str) -> Any:
    """An option of a field of the request."""
    return typer.Option(*names, help=FitConfig.model_fields[field].description)


def listed(text: str | None) -> tuple[str, ...] | None:
    """Names separated by commas; None stays None."""
    return None if text is None else tuple(part.strip() for part in text.split(",") if part.strip())
