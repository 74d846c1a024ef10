"""Pretrained networks with ordered named stages.

For: building a network of timm, of transformers or of this project, filling it with checked weights, letting prepared
batches enter, and running any slice of its stages.
``load.load(name_or_path)`` is the way in.

Must not know: labels, training, how a slice is made fast, where activations are kept.

To add: see ``families/`` (how networks are built and fall into stages), ``entrances/`` (how batches enter) and
``sources/`` (where weights come from). A card is all that building needs besides tensors: ``load.build_from``.
"""
