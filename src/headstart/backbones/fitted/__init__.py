"""Features without a pretrained network: computed from the input, or learned from the training part in NumPy.

For: candidates that need no pretrained weights, so that a comparison shows what pretraining adds, and the encoding of
plain columns.

Must not know: targets, torch, the pretrained networks.

To add: a file whose ``PLUGIN`` says the ``modality`` it describes ("table" for plain columns), the ``method`` it is
solved with as a baseline and the ``extra`` it needs. ``build`` returns an object with ``name``, ``version``,
``config``, ``takes`` ("prepared" inputs, the "content" of inputs as bytes, or "columns"), ``fit(raw) -> arrays`` and
``transform(arrays, raw) -> features (N, D)``, dense or a ``scipy.sparse.csr_array``. One that takes prepared inputs
also has ``D`` and ``describe(batch) -> descriptors (B, D)``: they are computed in the feature pass, kept, and are raw.
One that takes columns also has ``known_levels(arrays)``: by category column the levels that it tells apart.
"""
