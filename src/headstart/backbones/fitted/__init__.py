"""Features without a pretrained network: computed from the input, or learned from the training part in NumPy.

For: candidates that need no pretrained weights, so that a comparison shows what pretraining adds.

Must not know: labels, torch, the pretrained networks.

To add: a file with ``PLUGIN`` of kind "fitted" whose ``build`` returns an object with ``name``, ``D``, ``version``,
``describe(pixels)``, ``fit(descriptors)`` and ``transform(arrays, descriptors)``.
"""
