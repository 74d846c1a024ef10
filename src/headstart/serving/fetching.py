"""Inputs behind URLs, from hosts that the operator listed; off by default."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from typing import Any

from headstart.core.errors import DataError
from headstart.serving.refusals import Refusal

SECONDS = 10.0


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A listed host must not send us to one that is not."""

    def redirect_request(self, *args: Any, **options: Any) -> None:
        """None follows."""
        return None


class Fetcher:
    """See :class:`headstart.serving.examples.Fetch`; blocks, so it is called in the pool.

    Args:
        hosts: ``host`` or ``host:port``, exactly as URLs must name them.
        most_bytes: Of an input.
    """

    def __init__(self, hosts: Sequence[str], most_bytes: int) -> None:
        self._hosts, self._most = frozenset(host.lower() for host in hosts), most_bytes
        self._opener = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))

    def __call__(self, url: str) -> bytes:
        """The bytes at a URL of a listed host, redirects not followed.

        Raises:
            Refusal: 422, nothing is fetched here, or not from there.
            DataError: it could not be fetched, or is too large.
        """
        if not self._hosts:
            raise Refusal(422, "unusable", "this server fetches nothing; send the input itself as base64.")
        try:
            parts = urllib.parse.urlsplit(url)
            allowed = parts.scheme in ("http", "https") and parts.netloc.lower() in self._hosts
        except ValueError:
            allowed = False
        if not allowed:
            raise Refusal(422, "unusable", "inputs are fetched from the hosts alone that this server lists.")
        try:
            with self._opener.open(url, timeout=SECONDS) as response:
                content: bytes = response.read(self._most + 1)
        except (OSError, ValueError, urllib.error.HTTPError) as error:
            raise DataError(f"could not be fetched ({type(error).__name__})") from None
        if len(content) > self._most:
            raise DataError("larger than a request may be")
        return content
