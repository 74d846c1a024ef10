"""A text network whose vocabulary is trimmed to its task: how much smaller it is, and what that costs.

    python benchmarks/vocabulary.py --data DATA [--sets banking77 trec] [--model NAME_OR_FOLDER]

Each set is fitted with a linear probe on one thread by the command that users type; then the network as it is, in 8-bit
integers, and both with the vocabulary of the run's texts are measured as ``headstart compress`` measures them, on all
held-out texts, and each is asked about the test once. Writes ``results/vocabulary.json`` and ``.md``, to which other
models are added. See README.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from comparison import lines, machine

from headstart import bundle
from headstart.api.compressed_run import bench_for, readied
from headstart.api.compressing_bench import Made, Workbench
from headstart.api.compressing_integers import in_integers
from headstart.api.compressing_measuring import timed
from headstart.api.compressing_search import as_it_is
from headstart.api.compressing_target import fastest
from headstart.api.compressing_vocabulary import in_own_vocabulary, own_vocabulary, tell_lost
from headstart.api.two_domains import SourceRows, source_rows
from headstart.bundle.torch_backbone import rebuild
from headstart.core.learning import Floats, Task
from headstart.core.progress import Silent
from headstart.core.resources import cache_folder
from headstart.core.run_folder import RunFolder
from headstart.engine.activations.store import Store
from headstart.runtimes.process_settings import settle_process

SETS = ("banking77", "trec")
MODEL = "all_minilm_l6_v2"
HEAD = """# Vocabularies trimmed to their task

Written by `vocabulary.py` (see `../README.md`). *Tokens*: rows of the table of embeddings that are left. *Gone*: texts
with a token that the vocabulary does not hold, held out (of the vocabulary of the other folds' texts) and on the test.
Points are of the primary metric against the network as it is, on the same texts, with 95 % intervals; MB are of the
graph, beside which the tokenizer shrinks too.

| model | set | way | tokens | MB | times as fast | points held out | on the test | gone held out | on the test |
|--|--|--|--|--|--|--|--|--|--|
"""


def measured(data: Path, model: str, run: Path) -> list[dict[str, Any]]:
    """A row for each way; the first is the network as it is."""
    if not (run / "report.html").exists():
        words = ["fit", data, "--model", model, "--method", "linear_probe", "--out", run, "--threads", 1, "--quiet"]
        command = [sys.executable, "-m", "headstart", *map(str, words)]
        subprocess.run(command, check=True)  # noqa: S603 - our own program
    shipped = bundle.read(run)
    predictor = shipped.predictor(threads=1)
    source = source_rows(RunFolder(run), shipped, predictor, threads=1, progress=Silent())
    assert isinstance(source, SourceRows), source
    backbone = rebuild(shipped.folder, next(iter(shipped.manifest.networks.values())))
    with Store.open(cache_folder() / "activations") as store:
        work = Workbench(
            backbone, source.dataset.without_targets(), 0, bench_for(shipped, source),
            fastest("auto", backbone, 1, source, 0, "both")[0], store, 1, Silent(), None,
        )  # fmt: skip
        work.vocabulary = own_vocabulary(work)
        base = as_it_is(work)
        ways = [base, *in_integers(work, base, base, max_drop=100)]
        ways += [in_own_vocabulary(work, base, each) for each in ways]
        took = timed(work, {each.point.name: (each.backbone, each.graph, each.precision) for each in ways})
        for each in ways:  # all in turns: what else the machine does meets all alike
            each.point = replace(each.point, alone=took[each.point.name][0], batch=took[each.point.name][1])
        before, _, was = readied(work, source, base)
        of = {"model": Path(model).name, "set": data.name}
        return [{**of, **_row(work, source, base, (before.task, was.outputs), each)} for each in ways]


def _row(work: Workbench, source: SourceRows, base: Made, before: tuple[Task, Floats], made: Made) -> dict[str, Any]:
    ready, _, tested = readied(work, source, made)
    section: dict[str, Any] = {"vocabulary": work.vocabulary.told() if work.vocabulary else {}}
    tell_lost(section, work, source, made.knobs)
    targets = ready.task.encode(source.test.targets)
    told = ready.task.compare(targets, tested.outputs, before[1], 0, before[0])
    return {**made.point.to_dict(base.point), "test": told["difference"], **section}


def table_of(rows: list[dict[str, Any]]) -> str:
    """As Markdown."""
    return HEAD + "".join(f"| {' | '.join(_cells(row))} |\n" for row in rows)


def _cells(row: dict[str, Any]) -> list[str]:
    told, is_trimmed = row["vocabulary"], row["knobs"]["trimmed"]
    is_base = row["name"] == "as it is"
    return [
        row["model"], row["set"], row["name"],
        f"{told['tokens'] if is_trimmed else told['of']:,}", f"{row['bytes'] / 1e6:.1f}", f"{row['speedup']:.2f}",
        *("" if is_base else _points(row[key]) for key in ("difference", "test")),
        *(f"{each['lost']:,} of {each['n']:,}" if is_trimmed else "" for each in (told, told.get("test", {}))),
    ]  # fmt: skip


def _points(gap: dict[str, float]) -> str:
    return f"{100 * gap['value']:+.1f} ({100 * gap['low']:+.1f} to {100 * gap['high']:+.1f})"


def main() -> None:
    """Every set, then the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--work", type=Path, default=lines.BUILD / "vocabulary")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    settle_process()
    args.work.mkdir(parents=True, exist_ok=True)
    place = args.out / "vocabulary.json"
    document = json.loads(place.read_text()) if place.exists() else {"rows": []}
    for name in args.sets:
        print(f"{name} ...", flush=True)
        model = Path(args.model).name
        rows = measured(args.data / name, args.model, args.work / f"{name}-{model}")
        others = [row for row in document["rows"] if (row["set"], row["model"]) != (name, model)]
        document = {"machine": machine.describe(), "rows": [*others, *rows]}
        lines.write_json(place, document)
        (args.out / "vocabulary.md").write_text(table_of(document["rows"]), encoding="utf-8")


if __name__ == "__main__":
    main()
