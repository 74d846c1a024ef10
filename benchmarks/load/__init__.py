"""Parts of ``serving_load.py``: a client, and the bare loop that the server is held against."""
