"""How unlike what a model learned from a new input is, from features alone: higher is farther out.

For: a score for each row, the p-value that turns it into "such a row comes once in so many", and how well scores tell
known data from others.

Must not know: models, files, class names. Features are arrays ``(N, D)``, targets are ``core.learning.Targets``.

To add a score: one file with a ``PLUGIN`` whose ``build(config)`` returns an object that keeps ``contract.Detector``,
and whose ``needs`` holds "examples" where its arrays are training rows, so that it cannot ship by itself. The tests by
registry find the file.
"""
