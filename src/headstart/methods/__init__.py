"""One file per transfer method: how a backbone's features, or the backbone itself, become a model of the targets.

For: solvers (``kind="solve"``: arrays in, arrays and JSON out) and trained methods (``kind="train"``). A file that
assigns ``PLUGIN`` is a method and its name is the method's name; the other files hold what methods share:

- logistic regression of classes and labels: ``logistic_targets``, ``logistic_problems``, ``logistic_regression``
  (the solver), ``logistic_path`` (its strengths); ridge regression of numbers: ``weightings``, ``ridge``,
  ``sparse_ridge``; the linear probe's parts: ``probe_logistic``, ``probe_numbers``, ``fixed_penalty``;
- boosted trees: ``train_boosting``, ``boosted_trees``, which ``blend`` averages with the probe; margins and their
  ``calibration``; neighbours' ``votes``;
- ``inputs`` (checks), ``training_parts`` (folds as weightings), ``row_losses``, ``linear`` and ``constant`` (forms),
  ``standardisation``, ``spectrum``, ``stratified_order``, ``learning_curve``, ``threads``.

Must not know: where features come from, what a class is called, which metric decides, files and folders.
``predict`` of a solver runs in NumPy alone, so a plugin file imports torch inside functions only.

To add: write ``methods/<name>.py`` with a docstring (paper), a Config, the mathematics, a class, and ``PLUGIN`` with
paper, targets and title. The class has ``fit`` and ``predict`` as in ``core.learning.SolveMethod``, or is a
``methods.training.base.Training`` (what its moments are: ``core.training``). The conformance tests find it by
themselves.
"""
