"""Names that the training data hold, and names that they do not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from headstart.core.errors import DataError
from headstart.tasks.written import near, some


def require_known(names: Iterable[str], known: Sequence[str], what: str) -> None:
    """Raise DataError naming the values that are none of the ``known`` ones, with the nearest.

    Args:
        names: Of some examples.
        known: In output order.
        what: "classes", "grades", "labels".
    """
    kept = set(known)
    unknown = [name for name in dict.fromkeys(names) if name not in kept]
    if unknown:
        raise DataError(
            f"every target must be one of the {len(known)} {what} {some(known)}; got {some(unknown)}."
            f"{near(unknown[0], known)} Use the {what} of the training data, or train again with these."
        )


def require_in_train(train: Iterable[str], others: Mapping[str, Iterable[str]], what: str) -> None:
    """Raise DataError when another split holds names that train does not.

    Args:
        train: Names of the training examples.
        others: Names by split, for example ``{"test": [...]}``.
        what: "classes", "grades".
    """
    trained = sorted(set(train))
    for split, names in others.items():
        unknown = sorted(set(names) - set(trained))
        if unknown:
            raise DataError(
                f"the {split} split must hold only {what} that train has, {some(trained)}; it also holds "
                f"{some(unknown)}.{near(unknown[0], trained)} Give both splits the same names."
            )
