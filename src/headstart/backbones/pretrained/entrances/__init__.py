"""How a prepared batch enters a network, and what such a batch looks like: one file per modality.

For: turning what ``data/modalities`` prepares into boundary 0, inside the network, so that runtimes take prepared
batches as they are.

Must not know: how inputs are decoded, stages, weights.

To add: a file with the modality's name whose ``PLUGIN.build`` is called with the card and returns an
:class:`~headstart.backbones.pretrained.entrance.Entrance`. A family whose inputs enter in a way of their own returns
another one from ``Family.entrance``.
"""
