"""From whatever the user has to examples, and from encoded bytes to what networks take.

For: reading folders, tables and Python objects into a ``LabeledDataset`` of lazy encoded inputs and typed columns
(``read.py``), and new data into a stream (``unlabeled.py``); inferring which columns are inputs (``infer.py``), what
they hold (``column_kinds.py``) and which give the answer away (``leaks.py``); the kinds of inputs (``modalities/``),
decoding and preparing them, numbered augmentation views (``augment.py``, ``text_views.py``,
``sound_views.py``); near-duplicates, splits and folds; and the
one object that holds the test targets (``sealed.py``).

The way of a source: ``sources.py`` finds rows, one input each (``listing.py``) or cells of tables (``sheet.py``);
``interpret.py`` says what they mean (``examples.py``); ``read.py`` looks at every input once.

Must not know: backbones, tasks, methods, features, where activations are kept. It imports ``core`` alone, and Pillow,
pyarrow, pandas and the packages of extras only where an input needs them.

To add: a new kind of table file is one file of ``table_formats/``; a new kind of input is one file of ``modalities/``,
and its endings in ``walk.py``; a new kind of source is one function from the source to a ``Listing`` or a ``Sheet``,
called in ``sources.py``; a new picture format is one line in ``headers.py`` and one in ``decode.py``; a new step
between bytes and arrays is a field of ``core.preprocessing``, executed in the file of its modality.
"""
