"""``headstart serve``: predictions over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headstart.cli.output import DebugOption, QuietOption, answering, say, set_up_logging


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="serve")(answering(serve))


def serve(
    run: Annotated[Path, typer.Argument(help="A run folder, its bundle/, or a bundle copied elsewhere.")],
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; 0.0.0.0 for all. Default: this machine.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Default 8000; 0 for any free one.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes, each with the model in memory.")] = None,
    threads: Annotated[int | None, typer.Option(help="Processor threads of each process.")] = None,
    runtime: Annotated[str | None, typer.Option(help="auto, onnxruntime or openvino.")] = None,
    api_key_file: Annotated[Path | None, typer.Option(help="File with the keys callers must send, one a line.")] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate chain, PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its key, PEM.")] = None,
    beside: Annotated[Path | None, typer.Option(help="A second bundle, compared on the same requests.")] = None,
    share: Annotated[float | None, typer.Option(help="Share of requests that the second answers; default 0.")] = None,
    feedback: Annotated[str | None, typer.Option(help="SQLite file or SQLAlchemy URL to keep feedback in.")] = None,
    monitor_log: Annotated[
        Path | None, typer.Option(help="File to append counts of requests to, for `headstart monitor RUN FILE`.")
    ] = None,
    keep_inputs: Annotated[
        Path | None, typer.Option(help="Folder to keep inputs in, to learn from feedback; default: none is kept.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="key=value, any other setting, for example limits.megapixels=20.")
    ] = None,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> int:
    """Serve predictions over HTTP, with a page to try them, without PyTorch."""
    set_up_logging(debug)
    from headstart import api

    def say_where(url: str) -> None:
        say(f"Serving {run} at {url}   (Ctrl-C ends it)")

    api.serve(
        run,
        host=host,
        port=port,
        workers=workers,
        threads=threads,
        runtime=runtime,
        api_key_file=api_key_file,
        tls_cert=tls_cert,
        tls_key=tls_key,
        beside=beside,
        share=share,
        feedback=feedback,
        monitor_log=monitor_log,
        keep_inputs=keep_inputs,
        settings=settings or (),
        on_start=say_where,
        log_requests=not quiet,
    )
    return 0
