"""Graphs of the points that nothing else beats, kept beside the evidence so that another can be picked later."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.api.compressing_bench import Made
from headstart.api.compression_weights import keep_weights, with_kept_weights
from headstart.compression.smaller import smaller
from headstart.core.errors import ConfigError, IntegrityError
from headstart.core.files import check_schema, read_json, sha256_file, write_json
from headstart.core.run_folder import RunFolder

if TYPE_CHECKING:
    from headstart.api.compressing_counted import Counted
    from headstart.api.own_vocabulary import OwnVocabulary
    from headstart.backbones.pretrained.backbone import Backbone

SCHEMA = 1
POINTS, SEARCH = "points", "search.json"


@dataclass(frozen=True)
class KeptSearch:
    """What a search left in its folder.

    Attributes:
        folder: That compress wrote.
        run: That was compressed.
        evidence: Of the folder.
        test_reads: How often the test was read, by picks that followed too.
    """

    folder: Path
    run: Path
    evidence: dict[str, Any]
    test_reads: int

    @property
    def section(self) -> dict[str, Any]:
        """``compression`` of the evidence."""
        found: dict[str, Any] = self.evidence["compression"]
        return found

    def point(self, asked: str | int) -> dict[str, Any]:
        """By name or number.

        Raises:
            ConfigError: there is none, it is the model as it is, or another is better in all.
        """
        points = self.section["points"]
        found = next((each for each in points if str(asked) in (each["name"], str(points.index(each)))), None)
        there = "; ".join(f"{points.index(each)}: {each['name']}" for each in points if each["name"] in self._graphs)
        if found is None or found is points[0] or found["name"] not in self._graphs:
            why = "is the model as it is" if found is points[0] else "is beaten by another" if found else "is not there"
            raise ConfigError(
                f"--pick must name a point that was kept in {self.folder}; {asked} {why}. There are {there or 'none'}."
            )
        picked: dict[str, Any] = found
        return picked

    def graph(self, point: dict[str, Any]) -> Path:
        """Of a point; raises ConfigError where it is gone, IntegrityError where it is another."""
        kept = self._graphs[point["name"]]
        place = self.folder / str(kept["file"])
        if not place.is_file():
            raise ConfigError(
                f"the network of {point['name']} must be in {place}; it is gone. Put it back, or compress {self.run} "
                "again."
            )
        if sha256_file(place) != kept["sha256"]:
            raise IntegrityError(f"{place} must be as compress wrote it; it was changed. Compress {self.run} again.")
        return place

    def student(self, point: dict[str, Any], untaught: Backbone) -> Backbone:
        """The network of a point that has weights of its own; raises as :meth:`graph` does."""
        return with_kept_weights(self.folder / POINTS, untaught, self._graphs[point["name"]]["weights"])

    def read_once_more(self) -> None:
        """Count a pick's reading of the test."""
        _write(self.folder, self.run, self.test_reads + 1)

    @property
    def vocabulary(self) -> OwnVocabulary | None:
        """To which networks were trimmed; None where none was kept. Raises as :meth:`graph` does."""
        from headstart.api.own_vocabulary import OwnVocabulary

        record = self.section.get("vocabulary") or {}
        return None if "file" not in record else OwnVocabulary.read(self.folder / POINTS, record)

    @property
    def _graphs(self) -> dict[str, Any]:
        found: dict[str, Any] = self.section.get("graphs", {})
        return found


def keep_search(
    place: Path,
    run: Path,
    base: Made,
    found: Sequence[Made | Counted],
    evidence: dict[str, Any],
    vocabulary: OwnVocabulary | None,
) -> None:
    """Copy the graphs of the front and note them in the evidence: by name ``file``, ``bytes``, ``sha256``; of students
    ``weights``, too; the vocabulary to which some were trimmed.
    """
    section = evidence["compression"]
    numbers = {each["name"]: number for number, each in enumerate(section["points"]) if each["front"]}
    graphs = section["graphs"] = {}
    kept = None if vocabulary is None else vocabulary.kept
    (place / POINTS).mkdir(parents=True, exist_ok=True)
    for made in found:
        name = made.point.name
        if name in numbers and name != base.point.name:
            file = made.keep(place / POINTS / str(numbers[name])).relative_to(place).as_posix()
            graphs[name] = {"file": file, "bytes": made.point.bytes, "sha256": sha256_file(place / file)}
            if isinstance(made, Made) and made.knobs.has_own_weights:
                graphs[name]["weights"] = keep_weights(
                    place / POINTS, made.backbone, smaller(base.backbone, made.knobs, kept)
                )
    if vocabulary is not None and any(made.point.name in graphs and made.knobs.is_trimmed for made in found):
        section["vocabulary"] |= vocabulary.write(place / POINTS)
    _write(place, run, int(evidence["test_reads"]))


def kept_search(folder: Path) -> KeptSearch:
    """What a search left in ``folder``.

    Raises:
        ConfigError: no search is there, or the run that was compressed is gone.
    """
    place = folder / POINTS / SEARCH
    if not place.is_file():
        raise ConfigError(
            f"--pick needs a folder that a search of compress wrote with --out; {folder} has no {POINTS}/{SEARCH}. "
            "Compress a run first, or name the folder of the search that this one was picked from."
        )
    document = read_json(place)
    check_schema(document, SCHEMA, SEARCH)
    run = folder / document["run"]
    if not run.is_dir():
        raise ConfigError(f"--pick needs the run that {folder} was made from; it is not at {run}. Put it back there.")
    return KeptSearch(folder, run, RunFolder(folder).read_evidence(), int(document["test_reads"]))


def _write(folder: Path, run: Path, test_reads: int) -> None:
    """The run is named from the folder, so that both can be moved together."""
    where = Path(os.path.relpath(run.resolve(), folder.resolve())).as_posix()
    write_json(folder / POINTS / SEARCH, {"schema": SCHEMA, "run": where, "test_reads": test_reads})
