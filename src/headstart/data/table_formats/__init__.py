"""How files of tables are read: one file per ending, found by its ``PLUGIN``; ``csv.py`` reads .csv.

For: turning a file into columns of Python values, batch by batch. What values mean (paths, dates, gaps) is found out
later, alike for all formats.

Must not know: targets, inputs, which columns will be used.

To add: a file whose ``PLUGIN.build`` returns a :class:`~headstart.data.table_format.TableFormat`; the packages of a
format are imported inside functions. The readers of folders, ``headstart doctor`` and the conformance tests find it.
"""
