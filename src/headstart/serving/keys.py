"""Who may ask: keys of an operator's file, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from pathlib import Path

from headstart.core.errors import ConfigError
from headstart.serving.refusals import Refusal

SHORTEST = 16  # characters of a key


class Keys:
    """Digests of the keys that are known; without any, everybody may ask."""

    def __init__(self, keys: tuple[str, ...] = ()) -> None:
        self._digests = tuple(_digest(key) for key in keys)

    @classmethod
    def of_file(cls, path: Path | None) -> Keys:
        """One key on each line; blank lines and those that begin with # are passed over.

        Raises:
            ConfigError: the file cannot be read, holds no key, or one that is too short to be secret.
        """
        if path is None:
            return cls()
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"--api-key-file must be readable text; {path} is not ({error}).") from error
        keys = tuple(line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#"))
        if not keys or any(len(key) < SHORTEST for key in keys):
            raise ConfigError(
                f"--api-key-file must hold keys of at least {SHORTEST} characters, one a line; {path} holds "
                f"{'a shorter one' if keys else 'none'}. Make one with: openssl rand -hex 24"
            )
        return cls(keys)

    def check(self, headers: Mapping[str, str]) -> None:
        """Raise Refusal 401 unless a known key came, as ``Authorization: Bearer KEY`` or ``X-API-Key: KEY``."""
        if not self._digests:
            return
        scheme, _, token = headers.get("authorization", "").partition(" ")
        given = token.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        digest = _digest(given)
        # every key is compared, so that the time taken tells neither which one it was nor how much of it was right
        if not any([hmac.compare_digest(digest, known) for known in self._digests]):
            raise Refusal(401, "unauthorized", "a request must carry a known key, as Authorization: Bearer KEY.")


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()
