"""Whether a model is still right: what it is asked now, held against what it was held out on.

For: ``headstart monitor`` and the server. ``learned`` makes a :class:`reference.Reference` of held-out rows at fit
time, which travels in the bundle; ``readings`` says what is measured of an example; a :class:`window.Window` counts
readings and forgets the examples; ``judging`` holds a window against the reference, and ``document`` says what follows.
Windows are added up by adding their counts: over time, over processes, over machines.

Must not know: HTTP, files of the caller, torch, how a model was chosen. No window holds an input, a feature or an
output of a single example; ids alone, of a few.

To add: something that is measured is a line in ``readings.py``, with its family where it belongs to a new one in
``families.py``; a test of counts is a file in ``evaluation/drift`` and its use in ``judging.py``.
"""
