"""What a compressed run has of a fit: where its data are, and what it says of the test and of held-out examples."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from headstart.bundle.prediction_table import write_table
from headstart.core.run_folder import RunFolder
from headstart.evidence.prediction_columns import prediction_columns
from headstart.evidence.run_answers import FOLD
from headstart.features.own_data import COPIES, DAMAGED
from headstart.postprocessing.answers import Answers
from headstart.postprocessing.postprocessing import Postprocessing

if TYPE_CHECKING:
    from headstart.api.compressed_head import Ready
    from headstart.api.compressed_run import Tested
    from headstart.api.two_domains import SourceRows
    from headstart.compression.judging import Bench


def write_files(
    made: RunFolder, run: RunFolder, bench: Bench, source: SourceRows, ready: Ready, tested: Tested
) -> None:
    """config.yaml, decisions about examples, predictions/test.parquet and held_out.parquet.

    Args:
        made: The compressed run.
        run: That it was made from.
        bench: Whose rows are held out.
        source: The examples.
        ready: Answers and calibrated outputs of the held-out rows.
        tested: What it says of the test.
    """
    shutil.copyfile(run.config, made.config)
    for name in (DAMAGED, COPIES):
        if value := run.decision(name):
            made.decide(name, value, "as the run that it was made from")
    targets = ready.task.encode(source.test.targets)
    answers = Answers(ready.task, ready.postprocessing)
    columns = prediction_columns(source.test.ids, targets, tested.outputs, answers, tested.strange, source.test.slices)
    write_table(made.predictions, columns)
    ids = [source.dataset.ids[row] for row in bench.rows]
    held = prediction_columns(
        ids, bench.targets.take(bench.rows), ready.calibrated, Answers(ready.task, Postprocessing()), None, {},
        split="held_out",
    )  # fmt: skip
    write_table(made.held_out, {**held, FOLD: bench.folds[bench.rows]})
