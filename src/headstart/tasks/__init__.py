"""What the targets mean: one file per task.

For: reading targets as users wrote them into numbers and back, the loss and the metrics that fit them, which of them
decides, and how two models are compared. Each file holds a class that implements ``core.learning.Task``, and
functions ``matches`` (does a column of targets fit this task, and why), ``configure`` (the config that follows from
the training targets), ``strata`` (what splits and folds balance), ``check`` (can anything be learned), ``notes`` (what
stands out), ``describe`` (the targets in a few words) and ``from_dict`` (the task read back from a bundle).

Must not know: how inputs look, how a model was fitted, where anything is written.

To add a task: one file with ``PLUGIN``; the arithmetic of its metrics goes to ``evaluation``. Metrics that no
other task has are stated in the file as ``METRICS``, by name (``core.metric.Metric``), so that the report can write and
explain them.
"""
