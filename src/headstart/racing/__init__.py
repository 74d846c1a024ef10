"""Candidates that compete for the time a user gives.

For: the race of trainings, searches over the settings of what is solved, other methods beside the probe, and what the
best trainings come to together.

Must not know: how a trial is trained or solved, and what becomes of the winner. Who goes on is decided in
``selection``, which knows neither networks nor clocks.

To add: a train method competes by declaring a search space in its config, and a first try in ``selection/first.py``.
"""
