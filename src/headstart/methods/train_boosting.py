"""Boosted trees grown by scikit-learn and copied node by node, so that nothing of it is needed to predict."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from headstart.core.errors import MissingExtraError
from headstart.core.learning import Floats, Targets
from headstart.methods.boosted_trees import LEAF, BoostedTrees
from headstart.methods.majority_class import log_odds, log_shares


@dataclass(frozen=True)
class Setting:
    """How trees are grown; see ``BoostingConfig``."""

    leaves: int
    rounds: int
    learning_rate: float
    least_rows: int
    l2: float
    threads: int
    seed: int


def train_boosting(features: Floats, targets: Targets, weights: Floats, setting: Setting) -> BoostedTrees:
    """Grow trees on the rows that weigh something.

    Classes share a softmax, each label has trees of its own, numbers the squared loss. A class without rows, or a
    label that all rows have or none has, gets no trees.

    Args:
        features: ``(N, D)`` float64, NaN where missing.
        targets: Of N rows.
        weights: ``(N,)``, some above 0.
        setting: How.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    seen = weights > 0
    x, part, w = features[seen], targets.take(seen), weights[seen]
    x[:, np.isnan(x).all(axis=0)] = 0.0  # scikit-learn finds no bins for a column without any value
    forest = _Forest()
    if targets.kind == "real":
        baseline = np.array([np.average(part.values, weights=w)])
        if len(np.unique(part.values)) > 1:
            model = _fitted("HistGradientBoostingRegressor", x, part.values, w, setting)
            baseline = np.ravel(model._baseline_prediction)
            forest.add(model, [0])
    elif targets.kind == "multilabel":
        baseline = log_odds(part.values, w)
        for label in range(targets.width):
            if len(np.unique(part.values[:, label])) > 1:
                model = _fitted("HistGradientBoostingClassifier", x, part.values[:, label], w, setting)
                baseline[label] = np.ravel(model._baseline_prediction)[0]
                forest.add(model, [label])
    else:
        shares = log_shares(part.values, w, targets.width)
        present = np.unique(part.values)
        baseline = shares - shares[present].mean()
        if targets.width == 2:
            baseline = shares[1:] - shares[:1]
        if len(present) > 1:
            model = _fitted("HistGradientBoostingClassifier", x, part.values, w, setting)
            own = np.ravel(model._baseline_prediction)
            if targets.width == 2:
                baseline, sums = own, [0]
            elif len(own) == 1:  # two of several classes have rows
                low, high = present
                baseline[high] = baseline[low] + own[0]
                sums = [int(high)]
            else:
                baseline[present], sums = own, [int(name) for name in present]
            forest.add(model, sums)
    return forest.grown(targets.width, features.shape[1], baseline)


def _fitted(name: str, x: Floats, y: Any, weights: Floats, setting: Setting) -> Any:
    try:
        import sklearn.ensemble
    except ImportError:
        raise MissingExtraError("scikit-learn", "tables", "boosting") from None
    from threadpoolctl import threadpool_limits

    model = getattr(sklearn.ensemble, name)(
        max_iter=setting.rounds,
        max_leaf_nodes=setting.leaves,
        learning_rate=setting.learning_rate,
        min_samples_leaf=setting.least_rows,
        l2_regularization=setting.l2,
        early_stopping=False,
        random_state=setting.seed,
    )
    uniform = bool((weights == weights[0]).all())  # quantiles of unweighted rows are found much faster
    with threadpool_limits(limits=setting.threads), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The number of unique classes")  # few rows a class are no mistake
        return model.fit(x, y, sample_weight=None if uniform else weights)


class _Forest:
    """Nodes of all trees, gathered."""

    def __init__(self) -> None:
        self.trees: list[tuple[int, int, Any]] = []  # round, sum, nodes

    def add(self, model: Any, sums: list[int]) -> None:
        for number, trees in enumerate(model._predictors):
            self.trees += [(number, which, tree.nodes) for which, tree in zip(sums, trees, strict=True)]

    def grown(self, width: int, features: int, baseline: Floats) -> BoostedTrees:
        trees = sorted(self.trees, key=lambda tree: tree[0])  # labels were grown one after the other
        sizes = [len(nodes) for _, _, nodes in trees]
        root = np.cumsum([0, *sizes])[:-1].astype(np.int32) if sizes else np.zeros(0, np.int32)

        def gather(field: str, dtype: Any) -> Any:
            return np.concatenate([np.zeros(0, dtype), *(nodes[field].astype(dtype) for _, _, nodes in trees)])

        leaf = gather("is_leaf", bool)
        first = np.repeat(root, sizes).astype(np.int32)
        own = np.arange(len(leaf), dtype=np.int32)
        return BoostedTrees(
            width=width,
            features=features,
            feature=np.where(leaf, LEAF, gather("feature_idx", np.int32)).astype(np.int32),
            threshold=gather("num_threshold", np.float64),
            left=np.where(leaf, own, gather("left", np.int32) + first).astype(np.int32),
            right=np.where(leaf, own, gather("right", np.int32) + first).astype(np.int32),
            missing_left=gather("missing_go_to_left", bool),
            value=gather("value", np.float64),
            root=root,
            output=np.array([which for _, which, _ in trees], np.int32),
            round=np.array([number for number, _, _ in trees], np.int32),
            baseline=np.asarray(baseline, np.float64),
        )
