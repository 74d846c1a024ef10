"""Pretrained networks with ordered named stages.

For: building a timm architecture, filling it with checked weights, and running any slice of its stages.
``load.load(name_or_path)`` is the way in.

Must not know: labels, training, how a slice is made fast, where activations are kept.

To add: see ``families/`` (how a network falls into stages) and ``sources/`` (where weights come from).
"""
