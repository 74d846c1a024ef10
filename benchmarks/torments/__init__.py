"""Parts of ``torture.py``: excerpts of sets, ways to damage them, commands, and what a run must do."""
