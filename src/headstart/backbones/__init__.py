"""Backbones: what turns an input into features.

For: ``pretrained/`` (networks with ordered named stages, their weights and where those come from), ``fitted/``
(features learned from the training part, or computed from inputs without any network), and the cards that describe
pretrained weights: parameters, cost, licence, pretraining data, known biases, source, checksum.

Must not know: data sets, labels, tasks, methods, runtimes or the store; it computes no metric and decides nothing.

To add: weights of a known architecture are one JSON file in ``cards/`` (``pretrained.measure.measure`` counts what
follows from the architecture, and a test compares); an architecture with stages of its own is one
file in ``pretrained/families/``; a place that weights come from is one file in ``pretrained/sources/``; features
without a pretrained network are one file in ``fitted/``.
"""
