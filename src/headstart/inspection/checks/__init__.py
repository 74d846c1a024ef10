"""One check per file; see ``headstart.inspection``."""
