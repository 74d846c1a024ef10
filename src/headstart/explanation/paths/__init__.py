"""Straight ways from nothing to an input, along which gradients are averaged; one file for each kind of input.

To add: a file with a ``PLUGIN`` whose ``build(network, units)`` returns an ``explanation.path.Path``.
"""
