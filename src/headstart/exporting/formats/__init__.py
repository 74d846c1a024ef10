"""The formats that a model can be exported to, one file each; the file's name is what ``--format`` takes.

A file assigns a ``PLUGIN`` whose ``build`` gives a :class:`headstart.exporting.formats.contract.Format`.
"""
