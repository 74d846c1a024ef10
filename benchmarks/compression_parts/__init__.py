"""Parts of ``compression.py``."""
