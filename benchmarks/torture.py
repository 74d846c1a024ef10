"""Every verb on every set, and on each set damaged in ten ways: does anything end in other than a result or a sentence?

    python benchmarks/torture.py --data DATA [--only 20] [--again VERB-SET-DAMAGE,...]

Cases are a pairwise covering design: each verb meets each set and each damage, and each set each damage, at least once.
A run passes where it prints no traceback, ends with an exit code of the contract for such a case, says an error in one
sentence, leaves nothing that looks whole when it failed and no temporary files, and ends within its limit. A command
that was killed is given again and must end as it does undisturbed, or name the option that does. Results are appended
to WORK/torture.jsonl and not repeated where they passed; writes ``results/torture.json`` and ``.md``.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comparison import lines, machine, processes, runs, tables
from comparison.records import Record
from torments import commands, data_damage, excerpts, judging, run_damage
from torments.covering import covering, missing

REPOSITORY = lines.RESULTS.parents[1]  # what is tried is its src/, wherever else Headstart is installed
LIMIT_SECONDS = 120.0
KILLED_WITHIN = (0.3, 0.9)  # of the seconds that the command takes
GUESSED_SECONDS, TRIES = 10.0, 5
LINES_KEPT = 3  # of what a failed run printed
FACTORS = {"verb": [*commands.VERBS], "set": [*excerpts.SUBJECTS], "damage": [*commands.DAMAGES]}


@dataclass
class Shown:
    """What one process did."""

    command: list[str]
    measured: processes.Measured
    text: str


class Bench:
    """Where things are; runs commands and names places as anybody may read them."""

    def __init__(self, data: Path, work: Path, nice: int, limit: float) -> None:
        self.data, self.work, self.nice, self.limit = data, work, nice, limit

    def headstart(self, arguments: Sequence[str], log: Path, limit: float | None = None) -> Shown:
        """One command, its output kept in ``log``; killed after ``limit`` seconds."""
        measured = processes.run(
            [sys.executable, "-m", "headstart", *arguments],
            environment=runs.environment_of(1)
            | {"HEADSTART_CACHE": str(self.work / "cache"), "PYTHONPATH": str(REPOSITORY / "src")},
            log=log,
            limit_seconds=limit or self.limit,
            nice=self.nice,
        )
        return Shown([*arguments], measured, log.read_text(errors="replace"))

    def public(self, text: str) -> str:
        """Without this machine's folders."""
        for path, name in ((self.work, "WORK"), (self.data, "DATA"), (Path(sys.prefix), "PYTHON")):
            text = text.replace(str(path), name)
        return text.replace(str(REPOSITORY), "REPOSITORY")

    def clean(self, subject: excerpts.Subject) -> commands.Places:
        """The undamaged excerpt, and a finished run of it where one could be made."""
        return commands.Places(
            self.work / "excerpts" / subject.name, self.work / "clean" / subject.name, self.work / "unused"
        )


def name_of(case: dict[str, str]) -> str:
    return "-".join(case[factor] for factor in FACTORS)


def mixed(case: dict[str, str]) -> int:
    """A place that depends on the name alone, so that a sweep that was stopped has tried a bit of everything."""
    return zlib.crc32(name_of(case).encode())


def prepare(bench: Bench, found: lines.Lines, subject: excerpts.Subject) -> None:
    """An excerpt and a finished run of it, and what that run predicts: a case like the others."""
    places = bench.clean(subject)
    excerpts.excerpt(subject, bench.data, places.data)
    name = f"clean-{subject.name}"
    if not found.wants(name):
        return
    shutil.rmtree(places.run, ignore_errors=True)
    fit = commands.VERBS["fit"].arguments(subject, commands.Places(places.data, places.run, places.run))
    accept = ["--accept", "duplicates_across_splits"]
    shown = [bench.headstart([*fit, *accept], bench.work / "logs" / f"{name}.txt")]
    if shown[0].measured.rc == 0:
        predict = commands.VERBS["predict"].arguments(
            subject, commands.Places(places.data, places.run, places.run / "new.csv")
        )
        shown.append(bench.headstart(predict, bench.work / "logs" / f"{name}-predict.txt"))
    said = [why for one in shown for why in judging.objections(one.measured.rc, one.text, {0}, whole=True, hung=False)]
    record = {"verb": "fit", "set": subject.name, "damage": "none"}
    found.add(record_of(bench, {"name": name, **record}, shown, said))


def record_of(bench: Bench, about: dict[str, str], shown: Sequence[Shown], said: Sequence[str]) -> Record:
    """One line; the last lines of what was printed only where it does not pass."""
    failure = "; ".join(said) or None
    details = {}
    if failure:
        printed = [line for line in shown[-1].text.splitlines() if line.strip()][-LINES_KEPT:]
        details = {"printed": [bench.public(line)[:400] for line in printed]}
    return {
        **about,
        "ok": failure is None,
        "failure": failure,
        "codes": [one.measured.rc for one in shown],
        "commands": [bench.public(" ".join(one.command)) for one in shown],
        "wall_seconds": round(sum(one.measured.wall_seconds for one in shown), 1),
        **details,
    }


def set_up(bench: Bench, case: dict[str, str], place: Path) -> commands.Places:
    """Fresh copies of what the case damages or writes into."""
    subject, verb = excerpts.SUBJECTS[case["set"]], commands.VERBS[case["verb"]]
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    clean, rng = bench.clean(subject), random.Random(mixed(case))
    data, run, out = place / "data", place / "run", place / ("out.csv" if not verb.marker else "out")
    shutil.copytree(clean.data, data)
    if verb.name not in ("fit", "fit_trained", "fit_minutes", "audit", "rank"):
        shutil.copytree(clean.run, run)
    if verb.name in ("resume", "report"):
        run.rename(out)
        run = out
    if verb.name == "resume":
        (out / "report.html").unlink()
        shutil.rmtree(out / "bundle")
    if case["damage"] == "no_place":
        return commands.Places(data, run, without_place(verb, out))
    if case["damage"] != "killed":
        damage(case, data, run, rng)
    return commands.Places(data, run, out)


def damage(case: dict[str, str], data: Path, run: Path, rng: random.Random) -> None:
    """The data, or a file of the run that the verb reads."""
    verb = commands.VERBS[case["verb"]]
    if verb.damages == "data":
        getattr(data_damage, case["damage"])(data, excerpts.SUBJECTS[case["set"]], rng)
    else:
        there = [run / name for name in verb.files if (run / name).is_file()]
        getattr(run_damage, case["damage"])(rng.choice(there), rng)


def without_place(verb: commands.Verb, out: Path) -> Path:
    """A place below a file; permissions would not do, since root writes anywhere."""
    if verb.name == "report":
        (out / "report.html").unlink()
        (out / "report.html").mkdir()
        return out
    blocked = out.with_name("a_file")
    blocked.write_text("not a folder\n")
    return blocked / out.name


def try_case(bench: Bench, case: dict[str, str]) -> Record:
    place = bench.work / "cases" / name_of(case)
    verb = commands.VERBS[case["verb"]]
    places = set_up(bench, case, place)
    if case["damage"] == "killed":
        shown, said = killed(bench, case, place, places)
    else:
        allowed = frozenset({2}) if case["damage"] == "no_place" else verb.codes
        shown = [run(bench, case, places)]
        said = judged(verb, shown[0], allowed, places)
        if not said and case["verb"] == "serve" and shown[0].measured.rc == 0:
            clean = bench.clean(excerpts.SUBJECTS[case["set"]]).run / "new.csv"
            said = answers_differ(clean, places.out)
    record = record_of(bench, {"name": name_of(case), **case}, shown, said)
    if not said:
        shutil.rmtree(place, ignore_errors=True)
    return record


def run(bench: Bench, case: dict[str, str], places: commands.Places, *more: str, limit: float | None = None) -> Shown:
    arguments = commands.VERBS[case["verb"]].arguments(excerpts.SUBJECTS[case["set"]], places)
    return bench.headstart([*arguments, *more], bench.work / "logs" / f"{name_of(case)}.txt", limit)


def judged(
    verb: commands.Verb, shown: Shown, allowed: frozenset[int], places: commands.Places, *, was_there: bool = False
) -> list[str]:
    """What is wrong with one run that was not killed; ``was_there``: a whole result stood there before it."""
    code, whole = shown.measured.rc, commands.whole(verb, places.out)
    said = judging.objections(code, shown.text, allowed, whole=whole, hung=shown.measured.timed_out)
    with_errors = verb.name in ("audit", "predict", "serve", "report")  # they write what they found, or had it before
    if code != 0 and whole and not with_errors and not was_there:
        said.append("a result that looks whole from a command that failed")
    left = commands.leftovers([places.out if places.out.is_dir() else places.out.parent])
    return said + ([f"temporary files left: {', '.join(left)}"] if left else [])


def answers_differ(clean: Path, now: Path) -> list[str]:
    """Whether a damaged bundle that was accepted answers otherwise; ids are paths, so only the rest counts."""
    one, other = ([line.partition(",")[2] for line in path.read_text().splitlines()] for path in (clean, now))
    return [] if one == other else ["other predictions from a damaged bundle, without a word"]


def killed(bench: Bench, case: dict[str, str], place: Path, places: commands.Places) -> tuple[list[Shown], list[str]]:
    """The command killed, then given again, then as its message says; it must end as it does undisturbed."""
    verb = commands.VERBS[case["verb"]]
    first = stopped(bench, case, place)
    if not first.measured.timed_out:
        return [first], ["it always ended before it could be killed"]
    shown = [first, run(bench, case, places)]
    if shown[-1].measured.rc == 2 and "--resume" in shown[-1].text and case["verb"] != "resume":
        shown.append(run(bench, case, places, "--resume"))
    if shown[-1].measured.rc == 0:
        return shown, judged(verb, shown[-1], frozenset({0}), places)
    undisturbed = run(bench, case, set_up(bench, case, place))
    said = judged(verb, undisturbed, verb.codes, places)
    if "must be new or empty" in shown[-1].text:  # it says so, and in another folder it must work
        return [*shown, undisturbed], said + judging.message_objections(shown[-1].text)
    return shown, said + judged(verb, shown[-1], frozenset({undisturbed.measured.rc}), places)


def stopped(bench: Bench, case: dict[str, str], place: Path) -> Shown:
    """One run that SIGKILL ended; where it was quicker, once more with less time, from the beginning."""
    rng, seconds = random.Random(mixed(case)), GUESSED_SECONDS
    for _ in range(TRIES):
        shown = run(bench, case, set_up(bench, case, place), limit=rng.uniform(*KILLED_WITHIN) * seconds)
        if shown.measured.timed_out:
            break
        seconds = shown.measured.wall_seconds
    return shown


def counts(records: Sequence[Record], row: str) -> str:
    """Passed of all, by verb or set and damage."""
    columns = [*commands.DAMAGES]
    cells = []
    for value in FACTORS[row]:
        mine = [record for record in records if record[row] == value]
        by = [[record["ok"] for record in mine if record["damage"] == column] for column in columns]
        all_of_it = [record["ok"] for record in mine]
        cells.append([value, *(f"{sum(each)}/{len(each)}" for each in [*by, all_of_it])])
    return tables.markdown((row, *columns, "all"), cells)


def failures(records: Sequence[Record]) -> list[str]:
    """Each with its command and last lines."""
    return [
        "\n".join([f"- `{r['name']}`: {r['failure']}", *(f"  - `headstart {c}`" for c in r["commands"][-1:]),
                   *(f"  - {line}" for line in r["printed"])])
        for r in records
        if not r["ok"]
    ]  # fmt: skip


def write(found: lines.Lines, out: Path) -> None:
    """Tables and failures of what ran so far."""
    records = [record for record in found.read() if record["damage"] != "none"]
    clean = [record for record in found.read() if record["damage"] == "none"]
    passed = sum(record["ok"] for record in records)
    left = len(missing(records, FACTORS))
    seconds = sum(record["wall_seconds"] for record in [*records, *clean])
    document: dict[str, Any] = {
        "machine": machine.describe(),
        "runs": len(records),
        "passed": passed,
        "pairs_not_covered": left,
        "minutes": round(seconds / 60, 1),
        "clean": [{key: record[key] for key in ("set", "ok", "failure")} for record in clean],
        "records": records,
    }
    lines.write_json(out / "torture.json", document)
    ended = Counter(record["codes"][-1] for record in records)
    how = ", ".join(f"{count} with {code}" for code, count in sorted(ended.items()))
    head = f"{passed} of {len(records)} cases pass; {left} pairs are not covered; {seconds / 60:.0f} minutes of runs."
    head += f" The last command of a case ended {how}."
    parts = [head, counts(records, "verb"), "\n".join(failures([*clean, *records])) or "No case fails."]
    (out / "torture.md").write_text("\n\n".join(parts) + "\n")
    print(f"\n{head}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--only", type=int, help="stop after so many, to try this program out")
    parser.add_argument("--again", help="names of cases to run again, separated by commas")
    parser.add_argument("--nice", type=int, default=15)
    parser.add_argument("--limit", type=float, default=LIMIT_SECONDS, help="seconds of a run; more on a busy machine")
    parser.add_argument("--work", type=Path, default=lines.BUILD, help="folder for excerpts, runs and results")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    lines.stoppable()
    work = args.work.resolve() / "torture"
    bench, found = Bench(args.data.resolve(), work, args.nice, args.limit), lines.Lines(work / "torture.jsonl")
    for subject in excerpts.SUBJECTS.values():
        prepare(bench, found, subject)
    has_run = {r["set"] for r in found.read() if r["damage"] == "none" and r["ok"]}
    again = set((args.again or "").split(","))
    for case in sorted(covering(FACTORS), key=mixed)[: args.only]:
        if case["set"] in has_run and (name_of(case) in again or found.wants(name_of(case))):
            found.add(try_case(bench, case))
    write(found, args.out)


if __name__ == "__main__":
    main()
