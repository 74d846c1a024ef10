"""What happens to inputs in use and did not in training: a shaken camera, a typing thumb, a noisy room.

For: the bytes of an input to bytes that a reader takes as it takes the input itself, at a stated strength.

Must not know: models, targets, what comes of it.

To add: one file with ``PLUGIN`` (its ``modality`` says of what) whose ``build(config)`` keeps ``contract.Corruption``;
the tests by registry, and ``evaluate --robustness``, find it by themselves.
"""
