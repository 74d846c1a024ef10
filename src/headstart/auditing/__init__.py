"""What the audit looks at and what it leaves: from a reading to the examined data, and from findings to files.

For: the features, folds and facts that the checks of ``inspection`` are given, ``audit.json``, lists for people, labels
to put right, which unlabelled examples to label next, and the audit as a step of a fit.

Must not know: the checks themselves, and what a fit chooses afterwards.

To add: a check is one new file in ``inspection/checks``.
"""
