"""A server in a thread of the tests' process, for a browser to open."""

from __future__ import annotations

import threading
import time

import uvicorn

from headstart.serving.app import application
from headstart.serving.service import Service
from headstart.serving.settings import ServeConfig


class Served:
    """A server in a thread of this process."""

    def __init__(self, run, **settings):
        self.run = run
        service = Service(run, ServeConfig(threads=1, reload_seconds=0, **settings))
        config = uvicorn.Config(application(service), port=0, log_config=None, access_log=False)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)
        self.url = f"http://127.0.0.1:{self.server.servers[0].sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, *exc):
        self.server.should_exit = True
        self.thread.join(10)
