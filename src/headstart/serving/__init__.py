"""Predictions over HTTP, from a bundle, without torch.

For: ``headstart serve``. A request's examples are read (``requests``, ``examples``), decoded in a bounded pool of
threads, computed in batches of what waits (``batching``) by the bundle that is current (``slots``, ``models``), and
answered as rows with the columns that ``headstart predict`` has. ``service`` is that way; ``app`` surrounds it with
what every request needs, ``worker`` and ``workers`` with processes.

Must not know: how models are made, files of the caller (a text is never a path), torch.

To add: an endpoint is a file in ``routes/`` with a function ``router(service)``, named in ``app.py``.
"""
