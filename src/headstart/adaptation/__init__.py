"""A fitted model moved to another domain whose examples have no labels, and kept as it was where that would hurt.

For: ways to a head that suits the new domain (``adapters/``), ways to tell without labels how good such a head is there
(``validators/``), and the choice between the adapted heads and the one that was there (``choosing.py``, ``guard.py``).
All of it works on features that were computed once.

Must not know: networks, files, verbs. No type here that an adapter is given has targets of the new domain
(``domains.Unlabeled``), so that they cannot leak.

To add an adapter: one file in ``adapters/`` with a ``PLUGIN`` whose ``build(config)`` returns an object that keeps
``contract.Adapter``. To add a validator: one file in ``validators/`` that keeps ``contract.Validator``. The tests by
registry find both.
"""
