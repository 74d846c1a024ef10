"""A finished run taken further with new labelled data, and shipped only where that made it better.

For: the data of the run with the new ones below them (``joining.py``), which part each new example belongs to
(``placing.py``), what the old model says of all of them (``former.py``), the gate on held-out examples (``gate.py``),
and what the test says once it was read (``section.py``).

Must not know: how candidates are solved or trained, what verbs return. Nothing here fits anything.

To add: a condition of the gate is a clause of ``gate.py``, which sees held-out training examples alone.
"""
