"""Where weights come from: one file per place, found by its ``PLUGIN``.

For: finding a card for a name, and reading tensors whose bytes were checked. Nothing here unpickles objects or runs
code that came with weights.

Must not know: stages, or what the weights are used for. Importing a source is cheap: heavy packages are imported
inside functions, since listing models asks every source what is at hand.

To add: a file whose ``PLUGIN.build`` returns a :class:`~headstart.backbones.pretrained.source.Source`.
"""
