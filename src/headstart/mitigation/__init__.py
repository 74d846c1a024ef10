"""One file per mitigation: a solved model that serves its worst-off group better, from the same kept features.

For: what a solver is given, and who each example is about (``grouped.Grouped``), to a ``core.learning.Solution`` like
any solver's, whose out-of-fold outputs say what was gained. ``cells`` are the groups, or groups by class, that a
mitigation evens out; ``averaging`` puts linear models together; ``thresholds`` and ``sparse_logistic`` hold
mathematics; ``tradeoff`` lays mitigations side by side: the worst group against the mean.

Must not know: where features and groups come from, what a group is called, files, test data. Everything is chosen on
folds.

To add: write ``mitigation/<name>.py`` with a docstring (paper), a Config with a ``strength`` (0 leaves the plain
solution as it is, 1 is the method of the paper), the mathematics, a class that keeps ``grouped.Mitigation``, and
``PLUGIN``. The conformance tests find it by themselves. torch is imported inside functions only.
"""
