"""The commands that are tried: what each is given, may end with and leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .excerpts import Subject

TRAINED = ("--method", "lp_ft", "--set", "method.epochs=1")
RUN_FILES = (
    "evidence.json",
    "examples.json",
    "plan.json",
    "audit.json",
    "decisions.jsonl",
    "metrics.jsonl",
    "config.yaml",
    "request.yaml",
    "predictions/test.parquet",
)
BUNDLE_FILES = ("bundle/manifest.json", "bundle/weights.safetensors", "bundle/model.onnx", "bundle/evidence.json")
FAULTS_OF_DATA = frozenset((0, 2, 3))
FAULTS_OF_INPUT = frozenset((0, 2))


@dataclass(frozen=True)
class Places:
    """Of one case; ``run`` is a finished run of the set, ``out`` what the command writes."""

    data: Path
    run: Path
    out: Path


@dataclass(frozen=True)
class Verb:
    """One way to call the command line."""

    name: str
    marker: str  # below out: a result that is whole
    codes: frozenset[int]
    damages: str = "data"  # or the files of a run that are damaged
    files: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    def arguments(self, subject: Subject, places: Places) -> list[str]:
        """What follows ``headstart``."""
        data, run, out = map(str, (places.data, places.run, places.out))
        threads = ("--threads", "1")
        labelled = [*subject.options, *self.options, "--seed", "0", "--out", out, *threads, "--quiet"]
        if self.name in ("predict", "serve"):
            new = str(subject.new_inputs(places.data))
            return ["predict", run if self.name == "predict" else f"{run}/bundle", new, "--out", out, *threads]
        if self.name == "evaluate":
            return ["evaluate", run, data, *columns(subject), "--out", out, *threads, "--quiet"]
        if self.name == "resume":  # with the options it began with, which stand in the run
            return ["fit", "--resume", "--out", out, "--quiet"]
        if self.name == "report":
            return ["report", out]
        if self.name == "rank":
            return ["rank", data, *labelled]
        if self.name == "audit":
            return ["audit", data, *labelled]
        return ["fit", data, *labelled]


def columns(subject: Subject) -> list[str]:
    """The options of a set that ``evaluate`` has too.

    >>> columns(Subject("made", "table", options=("--id", "file", "--target", "label")))
    ['--target', 'label']
    """
    pairs = zip(subject.options[::2], subject.options[1::2], strict=True)
    return [part for pair in pairs if pair[0] in ("--target", "--input") for part in pair]


VERBS = {
    verb.name: verb
    for verb in (
        Verb("fit", "report.html", FAULTS_OF_DATA),
        Verb("fit_trained", "report.html", FAULTS_OF_DATA, options=TRAINED),
        Verb("fit_minutes", "report.html", FAULTS_OF_DATA, options=("--minutes", "0.1")),
        Verb("resume", "report.html", FAULTS_OF_DATA, "run", RUN_FILES),
        Verb("audit", "audit.json", FAULTS_OF_DATA),
        Verb("rank", "ranking.json", FAULTS_OF_DATA),
        Verb("predict", "", FAULTS_OF_INPUT),
        Verb("evaluate", "evidence.json", FAULTS_OF_DATA),
        Verb("report", "report.html", FAULTS_OF_INPUT, "run", RUN_FILES),
        Verb("serve", "", FAULTS_OF_INPUT, "run", BUNDLE_FILES),
    )
}
DAMAGES = (
    "truncated",
    "renamed",
    "emptied",
    "shuffled",
    "duplicated",
    "encoding",
    "huge",
    "unreadable",
    "no_place",
    "killed",
)


def whole(verb: Verb, out: Path) -> bool:
    """Whether what the command leaves looks finished."""
    return (out / verb.marker).is_file() if verb.marker else out.is_file()


def leftovers(folders: Sequence[Path]) -> list[str]:
    """Names of temporary files and folders."""
    found = [path for folder in folders if folder.is_dir() for path in folder.rglob(".*")]
    return sorted(path.name for path in found if path.suffix in {".tmp", ".new", ".old"})
