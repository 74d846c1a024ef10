"""Contracts, and nothing else: what every other room may rely on.

For: errors, configs, plugins, seeds, files written atomically, the run folder, machine resources, progress, and the
few dataclasses that rooms hand to each other (``Boundary``, ``ImagePreprocessing``, ``Targets``, ``Fitted``,
``Solution``).

Must not know: any modality's decoding, any model, any method; it imports nothing of Headstart and never torch.

To add: a contract belongs here only when two rooms that may not import each other both need it.
"""
