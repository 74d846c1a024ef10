"""Write an export: everything under a temporary name, judged, then renamed; a gate that refuses leaves nothing."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.bundle import Bundle
from headstart.bundle.folder import atomic_folder
from headstart.core import plugins
from headstart.core.errors import ConfigError
from headstart.core.files import dump_json, require_new_folder
from headstart.exporting.comparing import Limits
from headstart.exporting.exportable import Exportable, exportable
from headstart.exporting.facts import facts_of
from headstart.exporting.formats.contract import Format
from headstart.exporting.gate import Example
from headstart.exporting.handover import write_readers, write_readme
from headstart.exporting.judging import judge
from headstart.exporting.made_rows import made_examples

ROOM = "exporting.formats"
FACTS, READER, GATE = "model.json", "reader.py", "gate.json"


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes:
        path: The folder, or the file where one was asked for.
        gate: What gate.json holds.
    """

    path: Path
    gate: dict[str, Any]


def write(
    shipped: Bundle, format_name: str, out: Path, examples: Sequence[Example] = (), limits: Limits | None = None
) -> Written:
    """Export a bundle, judged on examples and on inputs that are made.

    Args:
        shipped: The bundle.
        format_name: A file of ``formats/``.
        out: A new folder; or a file with the format's ending, which then is written alone.
        examples: Raw inputs with their targets, usually test examples of the run.
        limits: What may differ from the run.

    Raises:
        ConfigError: no such format, a place that is taken, or a model that cannot be exported.
        MissingExtraError: a package of the format is not installed.
        GateError: the file answers otherwise than the run; nothing is written.
        BackendError: the exporter, or the format's runtime, fails.
    """
    written: Format = plugins.load(ROOM, format_name).build(plugins.load(ROOM, format_name).config())
    model = exportable(shipped)
    is_file = out.suffix == Path(written.file).suffix
    if is_file and out.exists():
        raise ConfigError(f"the output file must be new; {out} is there already. Name another one with --out.")
    if not is_file:
        require_new_folder(out)
    written.check(model)
    judged = [*examples, *made_examples(model)]
    if is_file:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            gate = _fill(folder, model, format_name, written, judged, limits or Limits())
            out.parent.mkdir(parents=True, exist_ok=True)
            for path in folder.glob(f"{Path(written.file).stem}.*"):
                if path.name != FACTS:
                    shutil.move(path, out.with_suffix(path.suffix))
        return Written(out, gate)
    with atomic_folder(out, FACTS) as folder:
        gate = _fill(folder, model, format_name, written, judged, limits or Limits())
    return Written(out, gate)


def _fill(
    folder: Path, model: Exportable, name: str, written: Format, examples: Sequence[Example], limits: Limits
) -> dict[str, Any]:
    facts = facts_of(model, name, written.file, written.fixed)
    facts |= written.write(model, facts, folder)
    (folder / FACTS).write_text(dump_json(facts), encoding="utf-8")
    write_readers(folder, model, written)
    gate = judge(model, folder, name, written, examples, limits)
    (folder / GATE).write_text(dump_json(gate), encoding="utf-8")
    write_readme(folder, model, facts, gate, written)
    return gate
