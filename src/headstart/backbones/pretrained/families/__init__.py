"""How the networks of one family fall into stages: one file per family, found by its ``PLUGIN``.

For: naming stages after the network's own modules and saying which tensors belong to which stage.

Must not know: weights, cards, sources.

To add: a file whose ``PLUGIN.build`` returns a :class:`~headstart.backbones.pretrained.family.Family`; list small
members in ``small`` and the conformance tests check it.
"""
