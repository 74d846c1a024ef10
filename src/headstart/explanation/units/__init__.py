"""What can be taken away of an input, one file for each kind: cells, words, columns.

To add: a file with a ``PLUGIN`` whose ``build(predictor, example)`` returns an ``explanation.unit.Units``.
"""
