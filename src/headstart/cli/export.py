"""``headstart export``: the model as one file for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headstart.cli.output import DebugOption, JsonOption, answering, set_up_logging, show


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="export")(answering(export))


def export(
    run: Annotated[Path, typer.Argument(help="A run folder, its bundle/, or a bundle copied elsewhere.")],
    format: Annotated[str, typer.Option(help="onnx, openvino, torch_export, executorch or litert.")] = "onnx",
    out: Annotated[
        Path | None, typer.Option(help="A new folder, or a file with the format's ending. Default: in the run folder.")
    ] = None,
    limit: Annotated[float, typer.Option(help="Largest difference of a probability that is allowed.")] = 0.02,
    changed: Annotated[float, typer.Option(help="Share of decisions that may be others (0-1).")] = 0.005,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> int:
    """Write the model as one file that runs without PyTorch, with a reader, once it answers as the run does."""
    set_up_logging(debug)
    from headstart import api

    result = api.export(run, format=format, out=out, limit=limit, changed=changed)
    show(result, lambda: f"{result.sentence}\n{result.path}\n", as_json=json)
    return 0
