"""How the networks of one family are built and fall into stages: one file per family, found by its ``PLUGIN``.

For: naming stages and saying which tensors belong to which stage. Picture networks of timm share
``timm_family.py``, networks of transformers ``transformers_family.py``, those for texts ``text/family.py``.

Must not know: where weights come from, data, targets. The transformers library is imported inside functions alone.

To add: a file whose ``PLUGIN.build`` returns a :class:`~headstart.backbones.pretrained.family.Family`; list small
members in ``small`` and the conformance tests check it.
"""
