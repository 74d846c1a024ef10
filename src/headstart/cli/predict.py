"""``headstart predict``: predictions for files, folders, a table or a list on stdin."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headstart.cli.output import DebugOption, JsonOption, QuietOption, answering, say, set_up_logging, show
from headstart.cli.progress import listener
from headstart.core.errors import UserError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="predict")(answering(predict))


def predict(
    run: Annotated[Path, typer.Argument(help="A run folder, its bundle/, or a bundle copied elsewhere.")],
    inputs: Annotated[
        list[str],
        typer.Argument(
            help="Files, folders, a table, or - for lines of stdin: paths, or texts where the run reads texts."
        ),
    ],
    out: Annotated[Path | None, typer.Option(help="FILE.csv, .xlsx, .jsonl or .parquet; else CSV on stdout.")] = None,
    input: Annotated[
        str | None,
        typer.Option(help="Columns with the inputs, separated by commas, where a table calls them otherwise."),
    ] = None,
    runtime: Annotated[str, typer.Option(help="auto, onnxruntime, openvino or eager.")] = "auto",
    stream: Annotated[
        str | None,
        typer.Option(help="Adapt while predicting: shares of classes, or (PyTorch) norm_statistics, tent, eata, sar."),
    ] = None,
    threads: Annotated[int | None, typer.Option(help="Processor threads.")] = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> int:
    """Predict the target of each example, and say how sure that is."""
    set_up_logging(debug)
    from headstart import api

    to_stdout = out is None and not json
    with listener(quiet=quiet or json or to_stdout) as bar:
        result = api.predict(
            run,
            inputs,
            out=out,
            input=input,
            runtime=runtime,
            stream=stream,
            threads=threads,
            progress=bar,
            to_stdout=to_stdout,
        )
    if not to_stdout:
        show(result, lambda: f"{result.count:,} inputs predicted: {result.out}", as_json=json)
    for note in () if quiet else result.notes:
        say(f"Note: {note}")
    if result.failed and not quiet:
        say(f"{result.failed:,} of {result.count:,} inputs could not be used; see their error column.")
    return UserError.exit_code if result.count and result.failed == result.count else 0
