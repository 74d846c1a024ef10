"""Networks compared by what their frozen features tell of the targets, before any of them is trained.

For: the entrants of ``rank`` and of a ``fit`` with several models, their features, probes and votes, the order with its
intervals, and the choice of a network within the time.

Must not know: trainings (their price is a guess of ``training/guess.py``), the sealed test.

To add: a score is one new file in ``evaluation/transferability``.
"""
