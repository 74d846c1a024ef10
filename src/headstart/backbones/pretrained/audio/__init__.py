"""Audio networks of the transformers library: what their families share.

For: the card of a folder, spectrograms computed inside the network as the library's feature extractors compute them,
pieces that stages are made of.

Must not know: how recordings are decoded, what features are used for. The network itself is laid out and filled like
those for texts (``text/network.py``), since the library saves both the same way.

To add: a kind of network is a file in ``families/`` whose class extends :class:`~.family.AudioFamily`.
"""
