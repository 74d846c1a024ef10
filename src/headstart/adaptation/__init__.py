"""A fitted model moved to another domain whose examples have no labels, and kept as it was where that would hurt.

For: ways to a head that suits the new domain (``adapters/``), ways to tell without labels how good such a head is there
(``validators/``), and the choice between the adapted heads and the one that was there (``choosing.py``, ``guard.py``).
All of it works on features that were computed once. What must change features trains the network (``trainers/``), by
the engine's own loop, or follows a stream while it predicts (``stream/``; ``followed_shares.py`` corrects answers
alone). Before any of it ``shift/`` says what kind of shift it is.

Must not know: files, verbs; adapters and validators no network either. No type here that an adapter or a trainer is
given has targets of the new domain (``domains.Unlabeled``, ``core.training.UnlabeledBatch``), so that they cannot leak.

To add an adapter: one file in ``adapters/`` with a ``PLUGIN`` whose ``build(config)`` returns an object that keeps
``contract.Adapter``. To add a validator: one file in ``validators/`` that keeps ``contract.Validator``. To add a way to
train: one file in ``trainers/`` whose class gives ``training.base.DomainTraining`` an ``alignment``, or
``training.source_free.SourceFree`` a ``loss``; losses are pure functions in ``training/``. To add a way to
follow a stream: one file in ``stream/`` that keeps ``stream.contract.StreamMethod``. The tests by registry find
all of them.
"""
