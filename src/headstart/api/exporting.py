"""``export``: the model as one file for other programs, with readers, held against the run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from headstart.api.export_result import Export
from headstart.api.raw_examples import raw_example
from headstart.core.errors import HeadstartError
from headstart.core.run_folder import RunFolder

if TYPE_CHECKING:
    from headstart.bundle import Bundle
    from headstart.exporting import Example

MOST_EXAMPLES, MOST_DECODED = 1000, 400  # tests that are asked about; decoding pictures and recordings takes longer


def export(
    run: str | Path,
    *,
    format: str = "onnx",
    out: str | Path | None = None,
    limit: float = 0.02,
    changed: float = 0.005,
) -> Export:
    """Write the model of a run as one file that runs without PyTorch and without Headstart.

    It takes raw inputs as far as its format can hold that, and gives probabilities. Beside it lie a reader of a few
    lines, what the reader must know, and a README with measured latency. Before anything appears, the reader is run
    in a process of its own on raw files, up to 1,000 test examples of the run (400 of pictures and recordings) where
    its data are there and some that are made, and what it says is compared with what the run says.

    Args:
        run: A run folder, its ``bundle/``, or a bundle copied elsewhere.
        format: "onnx", "openvino", "torch_export", or for phones "executorch" or "litert".
        out: A new folder, or a file with the format's ending, which is then written alone; None: ``export-FORMAT`` in
            the run folder, or beside the bundle.
        limit: Largest difference of a probability on any input that is allowed (of numbers, in standard deviations of
            the predictions).
        changed: Share of inputs (0-1) whose decision may be another.

    Raises:
        ConfigError: no bundle there, no such format, a place that is taken, or a model that cannot be one file.
        MissingExtraError: a package of the format is not installed.
        GateError: the file answers otherwise than the run; nothing is written.
        IntegrityError: the bundle is damaged.
    """
    from headstart import bundle
    from headstart.exporting import Limits, write
    from headstart.runtimes.process_settings import settle_process

    settle_process()
    shipped = bundle.read(run)
    place = Path(out) if out is not None else shipped.folder.with_name(f"export-{format}")
    written = write(shipped, format, place, _tests(shipped), Limits(limit, changed))
    return Export(written.path, written.gate)


def _tests(shipped: Bundle) -> list[Example]:
    """Raw test examples of the run that the bundle lies in; none where it or its data are not there."""
    from headstart.evidence.run_answers import read_rows
    from headstart.exporting import Example
    from headstart.features.own_data import read_again

    folder = RunFolder(shipped.folder.parent)
    if shipped.folder != folder.bundle or not folder.predictions.is_file():
        return []
    try:
        dataset = read_again(folder)
    except HeadstartError:
        return []
    if isinstance(dataset, str):
        return []
    rows = {str(row["id"]): row for row in read_rows(folder.path)}
    at = [place for place, name in enumerate(dataset.ids) if str(name) in rows]
    decoded = any(part.schema.modality != "text" for part in dataset.parts)
    most = min(MOST_DECODED if decoded else MOST_EXAMPLES, len(at))
    found = []
    for place in (at[k] for k in np.unique(np.linspace(0, max(len(at) - 1, 0), most).astype(int))):
        row = rows[str(dataset.ids[place])]
        try:
            content, files = raw_example(dataset, place, shipped.schema)
        except (HeadstartError, OSError):
            continue
        found.append(Example(content, files, str(row["target"]), row))
    return found
