"""The endpoints, a file each with ``router(service)``."""
