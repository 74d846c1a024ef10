"""``headstart compress``: the fastest network that is accurate enough, or the word that there is none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from headstart.cli.output import DebugOption, JsonOption, QuietOption, answering, say, set_up_logging, show
from headstart.cli.progress import listener

if TYPE_CHECKING:
    from headstart.api.compress_result import Compression


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="compress")(answering(compress))


def compress(
    run: Annotated[Path, typer.Argument(help="A run folder whose data are still where they were.")],
    speedup: Annotated[
        str | None, typer.Option(help="Times as fast it must be, as 2x; without it: all it can.")
    ] = None,
    smaller: Annotated[str | None, typer.Option(help="Times as small it must be, as 4x.")] = None,
    max_drop: Annotated[
        float, typer.Option(help="Points of the primary metric that may be lost on held-out examples.")
    ] = 0.5,
    by: Annotated[
        str, typer.Option(help="What must be as fast: latency (one at a time), throughput (many at once), or both.")
    ] = "both",
    runtime: Annotated[
        str, typer.Option(help="What computes where it will run: openvino, onnxruntime, or auto, the fastest here.")
    ] = "auto",
    minutes: Annotated[float | None, typer.Option(help="After which nothing new is tried.")] = None,
    students: Annotated[
        int | None,
        typer.Option(help="Most smaller networks that the model teaches (2 with --minutes or --unlabelled, else 0)."),
    ] = None,
    unlabelled: Annotated[
        Path | None, typer.Option(help="Further inputs of the run's kind, without labels: students learn from them.")
    ] = None,
    teacher: Annotated[
        list[Path] | None,
        typer.Option(help="A run on the same data whose network teaches students; named more than once: all of them."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the compressed run, new or empty.")] = None,
    threads: Annotated[int | None, typer.Option(help="Processor threads.")] = None,
    pick: Annotated[
        str | None, typer.Option(help="RUN is what compress wrote: ship this point of its front, by name or number.")
    ] = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> int:
    """Make a model smaller and faster within a drop of accuracy, measured on this machine (exit 4: it cannot be)."""
    set_up_logging(debug)
    from headstart import api

    with listener(quiet=quiet or json) as bar:
        result = api.compress(
            run,
            speedup=speedup,
            smaller=smaller,
            max_drop=max_drop,
            by=by,
            runtime=runtime,
            minutes=minutes,
            students=students,
            unlabelled=unlabelled,
            teacher=teacher or None,
            out=out,
            threads=threads,
            pick=pick,
            progress=bar,
        )
    show(result, lambda: _text(result), as_json=json)
    for note in () if quiet else result.evidence["warnings"]:
        say(f"Note: {note}")
    return 0


def _text(result: Compression) -> str:
    section = result.evidence["compression"]
    lines = [result.evidence["sentence"]]
    for each in section["points"]:
        mark = "*" if each["front"] else " "
        took = each["milliseconds"]
        lines.append(
            f"{mark} {each['name']:<32} {each['points']:+6.1f} points  {each['speedup']:4.1f}x  "
            f"{each['smaller']:4.1f} times smaller  {took['alone']:.2f} ms alone, {took['batch']:.2f} ms of many"
            + (f", {each['memory'] / 1e6:.0f} MB of memory" if each.get("memory") is not None else "")
            + ("" if each["n"] == section["n"] else f"  (of {each['n']:,} examples)")
        )
    lines.append("* nothing else is faster and as good")
    if not section["asked"].get("students"):
        lines.append("More:    --minutes 10 would also teach smaller networks what this one says.")
    lines += [f"Not tried: {name}: {why}" for name, why in section["skipped"].items()]
    if result.path is not None:
        lines.append(f"Bundle:  {result.path / 'bundle'}")
        lines.append(f"Report:  {result.path / 'report.html'}")
    return "\n".join(lines)
