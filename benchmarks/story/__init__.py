"""Parts of ``service_story.py``."""
