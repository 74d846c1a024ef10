"""Methods of skada on features of two domains, each with its own defaults, with the same linear head.

    ENV/bin/python skada_methods.py OUT.jsonl FILE.npz...

A file holds ``source`` ``(n, D)``, ``labels`` ``(n,)``, ``target`` ``(m, D)`` and ``penalty``, that of the head; there
are no targets of the target domain in it.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from skada import (
    ClassRegularizerOTMappingAdapter,
    CORALAdapter,
    DensityReweightAdapter,
    LinearOTMappingAdapter,
    OTMappingAdapter,
    SubspaceAlignmentAdapter,
    TransferComponentAnalysisAdapter,
    make_da_pipeline,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

METHODS = {
    "source_only": None,
    "coral": CORALAdapter,
    "subspace_alignment": SubspaceAlignmentAdapter,
    "ot_mapping": OTMappingAdapter,
    "ot_mapping_by_class": ClassRegularizerOTMappingAdapter,
    "linear_ot_mapping": LinearOTMappingAdapter,
    "tca": TransferComponentAnalysisAdapter,
    "density_reweight": DensityReweightAdapter,
}
SOURCE, TARGET, MASKED = 1, -2, -1


def answers(name: str, data: dict[str, np.ndarray]) -> np.ndarray:
    """``(m,)`` classes of the target rows."""
    head = LogisticRegression(C=1.0 / float(data["penalty"]), max_iter=500)
    if METHODS[name] is None:
        return make_pipeline(StandardScaler(), head).fit(data["source"], data["labels"]).predict(data["target"])
    if name == "density_reweight":
        head = head.set_fit_request(sample_weight=True)
    pipeline = make_da_pipeline(StandardScaler(), METHODS[name](), head)
    both = np.concatenate([data["source"], data["target"]])
    labels = np.concatenate([data["labels"], np.full(len(data["target"]), MASKED)])
    domain = np.concatenate([np.full(len(data["source"]), SOURCE), np.full(len(data["target"]), TARGET)])
    pipeline.fit(both, labels, sample_domain=domain)
    return pipeline.predict(data["target"], sample_domain=np.full(len(data["target"]), TARGET), allow_source=True)


def main() -> None:
    """One line for each method and file."""
    warnings.filterwarnings("ignore")
    out, *files = map(Path, sys.argv[1:])
    for file in files:
        data = {name: value.astype(np.float64) if value.dtype == np.float32 else value
                for name, value in np.load(file).items()}  # fmt: skip
        for name in METHODS:
            began = time.perf_counter()
            record = {"name": f"{file.stem}/{name}", "shift": file.stem, "method": name, "failure": None}
            try:
                record["answers"] = answers(name, data).tolist()
            except Exception as error:  # noqa: BLE001 - whatever stops a peer is its result
                record["failure"] = f"{type(error).__name__}: {str(error)[:120]}"
            record["seconds"] = round(time.perf_counter() - began, 2)
            with out.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
