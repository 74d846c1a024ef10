"""What is wrong with the data before anything is trained on them.

A check is one file in ``checks``: it looks at an :class:`~headstart.audit.examined.Examined` and returns findings. It
changes nothing and drops nothing; whoever asked decides. To add one, write a file there with a ``PLUGIN`` whose
``build(config)`` returns an object with ``check(examined) -> list[Finding]``.

The room sees arrays that others computed (features, fingerprints, out-of-fold predictions of a probe). It never
computes features and never sees sealed test targets: they are not in what it is given.
"""
