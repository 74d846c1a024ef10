"""One check per file; see ``headstart.audit``."""
