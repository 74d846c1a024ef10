"""From whatever the user has to examples, and from encoded bytes to pixels.

For: reading folders, tables and Python objects into a ``LabeledDataset`` of lazy encoded inputs (``read.py``);
decoding and preprocessing pictures (``decode.py``, ``preprocess.py``), numbered augmentation views (``augment.py``),
thumbnails; near-duplicates, splits and folds; and the one object that holds the test targets (``sealed.py``).

Must not know: backbones, tasks, methods, features, where activations are kept. It imports ``core`` alone, and Pillow,
pyarrow and pandas only where an input needs them.

To add: a new kind of source is one function from the source to a ``Listing`` (``listing.py``), called in
``sources.py``; a new picture format is one line in ``headers.py`` and one in ``decode.py``; a new step between bytes
and pixels is a field of ``core.preprocessing`` executed in ``preprocess.py``.
"""
