"""Maps that make outputs of a model mean what they say: of rows given 0.8, four in five are right.

For: turning logits into calibrated logits by a map learned on rows that the model did not see. ``choose`` says which
map, if any, these rows are enough for.

Must not know: models, files, class names. Outputs are arrays ``(N, W)``, targets are ``core.learning.Targets``.

To add a map: one file with a ``PLUGIN`` whose ``build(config)`` returns an object that keeps ``contract.Calibrator``;
the mathematics is a function of its own in the same file. The tests by registry, and the choice, find the file.
"""
