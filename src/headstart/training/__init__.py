"""One train method on the data of a fit: settled, trained, and handed back as a candidate.

For: the rows that are trained on, what settling measures (depth, precision, rate, views, epochs that fit the time),
the guess before anything is measured, the training itself with its checkpoints, and processes that help with it.

Must not know: other trainings, and why this one was chosen. The loop is the engine's; methods are in their own room.

To add: a train method is one new file in ``methods``; what it leaves open is settled here as for every other.
"""
