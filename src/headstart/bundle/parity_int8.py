"""Do runtimes give the same answers of an INT8 network? Measured and told; only nonsense is refused.

Each runtime merges and rounds a quantized graph in its own way, so that answers differ by more than rounding explains.
What the network is good for was judged on the runtime that the bundle names; others are used where they were found to
agree with it here.
"""

from __future__ import annotations

from typing import Any

from headstart.bundle.heads import load_head
from headstart.bundle.manifest import INT8, NetworkRecord
from headstart.bundle.parity import FLOAT32, Side, difference
from headstart.bundle.parity_run import NO_EXAMPLES, Sample
from headstart.bundle.runners import GRAPH_RUNNERS, REFERENCE, prepare_runner
from headstart.core.errors import BackendError, MissingExtraError
from headstart.core.learning import Fitted, TargetKind
from headstart.runtimes.contract import Compute

# Mean differences of probabilities over the examples, ours. Above the first, a runtime reads the file otherwise; above
# the second, what was written is not what was judged.
SAME_ANSWERS = 0.02
NONSENSE = 0.25


def measure_int8_parity(sample: Sample, fitted: Fitted, features: Any | None, kind: TargetKind) -> dict[str, Any]:
    """Compare what the judged runtime gave with what it gives of the written files, and other runtimes with that.

    Args:
        sample: What was written, and examples.
        fitted: The head.
        features: ``(n, D)`` of the examples, as the judged runtime computed them; None: they are only read back.
        kind: Of the targets.

    Returns:
        The manifest's ``parity``; its ``same_answers`` names the runtimes that agree with the bundle's own.

    Raises:
        BackendError: read back, the bundle answers otherwise than what was judged.
        MissingExtraError: the runtime that the bundle names is not installed.
    """
    own = "+".join(dict.fromkeys(network.runtime.name for network in sample.manifest.networks.values()))
    count = sample.count if features is None else min(sample.count, features.shape[0])
    if count == 0:
        return _document([Side(own, INT8, None, NO_EXAMPLES)], kind)
    head = load_head(fitted)

    def side(name: str, precision: str, runtime: str | None) -> Side:
        def compute(record: NetworkRecord, *_: Any) -> Compute:
            threads = record.runtime.threads
            return prepare_runner(sample.folder, record, runtime or record.runtime.name, threads).compute

        return Side(name, precision, head(sample.features(compute, count)))

    read_back = side(own, INT8, None)
    sides = [read_back]
    if features is not None:
        judged = Side(f"{own}, before it was written", INT8, head(features[:count]))
        _require_sense(difference(read_back, judged, kind))
        sides.append(judged)
    others = [(name, INT8) for name in GRAPH_RUNNERS if name != own] + [(REFERENCE, FLOAT32)]
    for name, precision in others:
        try:
            sides.append(side(name, precision, name))
        except (MissingExtraError, BackendError) as error:
            sides.append(Side(name, precision, None, str(error)))
    return _document(sides, kind)


def _document(sides: list[Side], kind: TargetKind) -> dict[str, Any]:
    """As :func:`headstart.bundle.parity.check` has it, but each side is compared with the first, and none is gated."""
    own, *others = sides
    pairs = [difference(own, other, kind) for other in others if other.outputs is not None]
    means = {pair["between"][1]: _mean(pair) for pair in pairs}
    same = [other.runtime for other in others if means.get(str(other), 1.0) <= SAME_ANSWERS]
    return {
        "status": "checked" if pairs else "not checked",
        "reason": "; ".join(f"{side.runtime}: {side.reason}" for side in sides if side.outputs is None),
        "n": 0 if own.outputs is None else len(own.outputs),
        "sides": [side.to_dict() for side in sides],
        "pairs": [{**pair, "gated": None} for pair in pairs],
        "same_answers": [name for name in same if name in (*GRAPH_RUNNERS, REFERENCE)],
    }


def _require_sense(pair: dict[str, Any]) -> None:
    if not _mean(pair) <= NONSENSE:  # so that NaN fails
        raise BackendError(
            f"an INT8 bundle must answer as what was judged; read back, the mean difference of its answers on "
            f"{pair['n']} training examples is {_mean(pair):.3g} (at most {NONSENSE:g}). Hand over the graph, the head "
            "and the features of the same network."
        )


def _mean(pair: dict[str, Any]) -> float:
    unit = "relative" if "mean_relative_difference" in pair else "probability"
    return float(pair[f"mean_{unit}_difference"])
