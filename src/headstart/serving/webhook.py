"""A document sent to a URL that the operator named, beside everything else; without inputs and ids."""

from __future__ import annotations

import json
import logging
import time
import urllib.parse
import urllib.request
from collections.abc import Mapping
from threading import Thread
from typing import Any

from headstart.serving.fetching import NoRedirect
from headstart.serving.logs import log

SECONDS, TRIES, PAUSE_SECONDS = 5.0, 3, 2.0
SENT = ("schema", "headstart_version", "model", "verdict", "alarm", "sentence", "level", "window", "accuracy")


class Webhook:
    """See :meth:`send`; the URL may hold a secret, so that the log has its host alone."""

    def __init__(self, url: str, pause_seconds: float = PAUSE_SECONDS) -> None:
        self._url, self._pause = url, pause_seconds
        self._host = urllib.parse.urlsplit(url).hostname
        self._opener = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))

    def send(self, document: Mapping[str, Any]) -> Thread:
        """POST in a thread of its own, three times at most; who waits for nothing loses nothing."""
        body = json.dumps(message_of(document), ensure_ascii=False).encode()
        thread = Thread(target=self._send, args=(body,), name="webhook", daemon=True)
        thread.start()
        return thread

    def _send(self, body: bytes) -> None:
        kind = ""
        for number in range(TRIES):
            if number:
                time.sleep(self._pause * number)
            request = urllib.request.Request(self._url, body, {"Content-Type": "application/json"})  # noqa: S310 - http or https
            try:
                with self._opener.open(request, timeout=SECONDS):
                    return
            except (OSError, ValueError) as error:
                kind = type(error).__name__
        log("the webhook could not be told", logging.WARNING, host=self._host, kind=kind)


def message_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent: the alarms and the advice, no ids."""
    return {
        **{name: document[name] for name in SENT},
        "findings": [each for each in document["findings"] if each["alarm"]],
        "advice": [{"do": each["do"], "why": each["why"]} for each in document["advice"]],
    }
