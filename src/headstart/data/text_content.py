"""See ``core.text_content``."""

from headstart.core.text_content import pair_bytes, texts_of

__all__ = ["pair_bytes", "texts_of"]
