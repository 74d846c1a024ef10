"""What needs no training: the parting of the data, the candidates, and each of them solved on the same folds.

For: what targets mean, the split and its sealed test, folds, candidates (features + method), contenders, the choice
among them, and the records of a fit so far (``Work``, ``Solved``).

Must not know: how a network is trained, clocks, what is written to a run folder at the end.

To add: a baseline or a solved method is a plugin of its own room; ``candidates.py`` finds it.
"""
