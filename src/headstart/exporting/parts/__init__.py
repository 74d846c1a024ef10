"""What ``reader.py`` is put together from: one decoding part, one part that runs the model, and what all readers share.

Each part is ordinary code, checked and tested as such; imports of other parts fall away when they become one file
(:mod:`headstart.exporting.reader`). Nothing here may import Headstart otherwise, nor torch where a format does without.
"""
