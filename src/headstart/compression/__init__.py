"""A fitted model made smaller and faster, within what the user allows to be lost.

For: what can be turned down on a network (``knobs.py``, ``smaller.py``), the INT8 graph of a float32 one
(``quantizing.py``), heads judged on held-out rows (``judging.py``), time on the target (``running.py``, ``timing.py``),
the front of what nothing else beats (``points.py``), and the gate.

Must not know: where a run lies, what is written of it, bundles' files, reports, the command line.

To add a knob: a field of ``knobs.Knobs`` with its word in ``Knobs.name``, the values that are worth trying beside
``knobs.sizes_of``, and what it does to a network in ``smaller.py``; search, front and gate take points as they are.
To add another treatment of a graph: a file with one function from a model to a model.
"""
