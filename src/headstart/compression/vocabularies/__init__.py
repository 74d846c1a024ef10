"""Vocabularies of tokenizers cut down to what texts use; ``trimming.py`` is the way in, a file each for their kinds.

A kind has four functions: ``always`` (numbers that stay whatever the texts use), ``needed`` (what else must stay for
some pieces to be made), ``without`` (the others are out of reach, numbers stay) and ``renumbered``. The laws: what was
read with pieces that stay is read with the same pieces, and what could be read still can.
"""
