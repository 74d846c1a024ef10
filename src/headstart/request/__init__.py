"""What a fit was asked for, and the folder it is asked to fill.

For: the record of a request (``config.yaml`` is the same record, resolved), what of it is trained, raced or combined,
the job that is resumed after a crash, and the lock that keeps a second process out of its folder.

Must not know: data, networks, results. Nothing here reads an input.

To add: an option of ``fit`` is a field of ``FitConfig``, where its description is the help of the command line too.
"""
