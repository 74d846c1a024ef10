"""A domain that nobody has seen: is anything better there than the plain model?

    python benchmarks/domain_generalisation.py --data DATA [--work build/domain_generalisation]
        [--ways nuisance_projection,reweighting,group_dro] [--trained tiles] [--most 6]

Leave one domain out, the others learned from with each of them a fold: speakers of ``spoken_digits``, exposures of
``magnetic_tile``, wordings of ``customer_support_intents``, services of ``nlupp_banking_hotels`` on the intents that
both have. There are two services, so one is learned from, and what tells domains apart cannot be: those ways are absent
there. Ways on frozen features (all at their defaults), then trainings of a
small budget (``BUDGET``: a few epochs of the upper stages at one rate, without augmentation, from kept activations),
judged on the source domain that comes next in the alphabet, of which they learn nothing else; what was trained is
looked at whether or not it would ship. Nothing is
chosen on an unseen domain, and each is looked at once for each way. Right: the share of its rows; differences from the
plain way of the same table with t intervals over unseen domains. Seed 0. Writes ``results/domain_generalisation.json``
and ``.md``. See README.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from comparison import lines, machine, tables
from shifts.features import CLEAN, Rows, rows_of
from shifts.sets import SETS

from headstart.core import plugins
from headstart.core.errors import DataError
from headstart.core.learning import Targets
from headstart.core.resources import one_blas_thread
from headstart.data.read import read
from headstart.engine.training.job import TrainingJob
from headstart.engine.training.loop import Trainer
from headstart.evaluation.over_domains import mean_over
from headstart.evaluation.parting import parted
from headstart.features.networks import ModelOptions, find_networks
from headstart.methods.fixed_penalty import solve_at_penalty
from headstart.mitigation.grouped import Grouped
from headstart.solving.candidates import default_method
from headstart.solving.domains import domain_folds
from headstart.tasks.choose import configured

FROZEN = ("nuisance_projection", "reweighting", "group_dro")  # dfr takes minutes a domain: by name
TRAINED = ("fine_tune", "wise_ft", "swad", "mixstyle")
PLAIN, FOLDS, SEED = "plain", 5, 0
KINDS = {"digits": "speakers", "tiles": "exposures", "support": "wordings", "nlupp": "services"}
BUDGET = {"epochs": 3, "batch_size": 32, "freeze": "blocks.4", "views": 0, "keep": True, "loader_workers": 0}
RATE = 3e-4
ENDS = ("value", "low", "high")
Shares = dict[str, float]  # by way
Right = dict[str, Shares]  # by unseen domain


def frozen(rows: Rows, names_of_ways: Sequence[str]) -> Iterator[tuple[str, Shares]]:
    """How often each way on the frozen features is right in each domain that it has not seen."""
    for unseen in sorted(set(rows.domain)):
        ours, theirs = rows.domain != unseen, rows.domain == unseen
        features, truth = rows.of[CLEAN], rows.truth
        names, classes = np.unique(truth[ours], return_inverse=True)
        targets = Targets(classes.astype(np.int64), "class", len(names))
        groups = np.unique(rows.domain[ours], return_inverse=True)[1].astype(np.int64)
        found: Shares = {}
        for way, solution in ways(features[ours], targets, groups, names_of_ways).items():
            outputs = default_method("linear_probe").predict(solution.fitted, features[theirs])
            found[way] = float((names[outputs.argmax(axis=1)] == truth[theirs]).mean())
        yield unseen, found


def ways(features: Any, targets: Targets, groups: Any, names: Sequence[str]) -> dict[str, Any]:
    """The plain solution and those of the ways that the domains allow."""
    method = default_method("linear_probe")
    try:
        folds = domain_folds(groups, targets.values, np.random.default_rng(SEED))
    except DataError:  # one domain, or classes that one domain has alone
        folds = parted(targets.values, np.arange(len(groups)), FOLDS, np.random.default_rng(SEED))
    with one_blas_thread():
        found = {PLAIN: method.fit(features, targets, folds, np.random.default_rng(SEED), None)}
        if len(np.unique(groups)) < 2:
            return found
        given = Grouped(features, targets, groups, folds)
        for name in names:
            plugin = plugins.load("mitigation", name)
            found[name] = plugin.build(plugin.config()).fit(given, method, np.random.default_rng(SEED))
    return found


def trained(name: str, data: Path, rows: Rows) -> Iterator[tuple[str, Shares]]:
    """How often each training is right in each domain that it has not seen, and the plain probe of all others."""
    network, kept = kept_of(SETS[name].frame(data).reset_index(drop=True))
    domains = sorted(set(rows.domain))
    for at, unseen in enumerate(domains):
        judged = domains[(at + 1) % len(domains)]
        train, val, test = (
            np.flatnonzero(each)
            for each in (~np.isin(rows.domain, [unseen, judged]), rows.domain == judged, rows.domain == unseen)
        )
        names = sorted(set(rows.truth))
        task = configured("classification", np.array([f"c{each:03d}" for each in names], dtype=object))
        targets = Targets(np.searchsorted(names, rows.truth).astype(np.int64), "class", len(names))
        learned = np.concatenate([train, val])
        groups = np.unique(rows.domain[learned], return_inverse=True)[1].astype(np.int64)
        plain = ways(rows.of[CLEAN][learned], targets.take(learned), groups, ())[PLAIN]
        features = rows.of[CLEAN]
        penalty = float(plain.report["penalty"])
        weight, bias = solve_at_penalty(
            features[train], targets.take(train), np.ones((1, len(train))), penalty, 0.1, 1e-6
        )
        probe, told = (weight[0], bias[0]), np.unique(rows.domain[train], return_inverse=True)[1]
        outputs = default_method("linear_probe").predict(plain.fitted, features[test])
        found: Shares = {PLAIN: float((outputs.argmax(axis=1) == targets.values[test]).mean())}
        for way in TRAINED:
            plugin = plugins.load("methods", way)
            config = plugin.config.parse({**BUDGET, "freeze": kept.stage}, way)
            job = TrainingJob(
                name=way, backbone=network, method=plugin.build(config), feed=kept, train_rows=train, val_rows=val,
                train_targets=targets.take(train), val_targets=targets.take(val), weights=None, task=task, probe=probe,
                features=partial(features_of, features, {"train": train, "val": val}),
                boundary=kept.stage, views=0, seed=SEED, domains=told.astype(np.int64),
            )  # fmt: skip
            done = Trainer(job, config, lr=RATE * job.method.lr_scale).run()
            seen = kept.through(done.backbone, test)
            outputs = seen @ done.fitted.arrays["weight"].T + done.fitted.arrays["bias"]
            found[way] = float((outputs.argmax(axis=1) == targets.values[test]).mean())
        yield unseen, found


def features_of(features: Any, rows: Mapping[str, Any], split: str) -> Any:
    """Of the pretrained network."""
    return features[rows[split]]


class Kept:
    """Boundaries ``(N, ...)`` of one stage in memory, plain views."""

    def __init__(self, values: torch.Tensor, stage: int) -> None:
        self.values, self.stage = values, stage

    def ensure(self, stage: int, view: int, rows: Any) -> None:
        """They are there."""

    def read(self, stage: int, view: int, rows: Any) -> torch.Tensor:
        """Of that stage alone."""
        assert stage == self.stage and view == 0  # noqa: S101 - the budget asks for nothing else
        return self.values[torch.from_numpy(rows)]

    def through(self, backbone: Any, rows: Any) -> Any:
        """Pooled features ``(n, D)`` by a trained network."""
        with torch.no_grad():
            flow = backbone.unpack(self.read(self.stage, 0, rows), self.stage)
            return backbone.run(flow, self.stage, len(backbone.stages)).values.numpy()


def kept_of(frame: Any) -> tuple[Any, Kept]:
    """The default network for a table's inputs, and what its frozen stages make of them."""
    dataset = read(frame[["input", "label"]], target="label").dataset
    (network,) = find_networks(ModelOptions(), None, dataset.schema).values()
    stage, parts, inputs = network.backbone.stage_index(BUDGET["freeze"]), [], dataset.parts[0].inputs
    with torch.no_grad():
        for low in range(0, len(inputs), 32):
            some = [network.preparer.prepare(inputs.read(row)) for row in range(low, min(low + 32, len(inputs)))]
            flow = network.backbone.run(network.backbone.enter(torch.from_numpy(np.stack(some))), 0, stage)
            parts.append(network.backbone.pack(flow, stage))
    return network.backbone, Kept(torch.cat(parts), stage)


def summed(found: Right) -> dict[str, dict[str, Any]]:
    """By way: mean and worst over unseen domains, and the mean difference from the plain way."""
    told = {}
    for way in next(iter(found.values())):
        right = np.array([each[way] for each in found.values()])
        plain = np.array([each[PLAIN] for each in found.values()])
        told[way] = {"mean": float(right.mean()), "worst": float(right.min()), "gain": mean_over(right - plain)}
    return told


def table_of(told: Mapping[str, dict[str, Any]]) -> str:
    """Of :func:`summed`, in points."""
    rows = []
    for way, each in told.items():
        value, low, high = (None if part is None else 100 * part for part in map(each["gain"].get, ENDS))
        points = "" if way == PLAIN else f"{value:+.1f}" + ("" if low is None else f" ({low:+.1f} to {high:+.1f})")
        rows.append((way, f"{each['mean']:.3f}", f"{each['worst']:.3f}", points))
    return tables.markdown(("way", "mean", "worst", "points against plain"), rows)


def main() -> None:
    """All tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = Path(__file__).parent
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=here.parent / "build" / "domain_generalisation")
    parser.add_argument("--ways", type=lambda text: text.split(","), default=FROZEN)
    parser.add_argument("--most", type=int, default=6, help="unseen domains that trainings are tried on")
    parser.add_argument("--trained", type=lambda text: [each for each in text.split(",") if each], default=["tiles"])
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    kept = {name: rows_of(name, replace(SETS[name], worse={}), args.data, args.work) for name in KINDS}
    right: dict[str, Right] = {}
    for name, rows in kept.items():
        for unseen, found in frozen(rows, args.ways):
            keep(here / "results", right, f"{name}, frozen", unseen, found)
    for name in args.trained:
        for unseen, found in islice(trained(name, args.data, kept[name]), args.most):
            keep(here / "results", right, f"{name}, trained", unseen, found)


def keep(results: Path, right: dict[str, Right], name: str, unseen: str, found: Shares) -> None:
    """One more domain, in both files."""
    right.setdefault(name, {})[unseen] = found
    print(name, unseen, found, flush=True)
    told = {each: summed(of) for each, of in right.items()}
    budget = {**BUDGET, "rate": RATE}
    document = {"machine": machine.describe(), "seed": SEED, "budget": budget, "right": right, "summed": told}
    lines.write_json(results / "domain_generalisation.json", document)
    parts = [
        f"{each} ({len(right[each])} {KINDS[each.split(',')[0]]} unseen in turn):\n\n{table_of(of)}"
        for each, of in told.items()
    ]
    (results / "domain_generalisation.md").write_text("\n\n".join(parts) + "\n")


if __name__ == "__main__":
    main()
