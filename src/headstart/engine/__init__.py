"""The loops: activations computed once and kept, one streaming pass that fills them, one loop that predicts.

For: the activation store, the feature pass (read, prepare, every network that misses the row, kept), prediction over
inputs of any length.

Must not know: kinds of inputs (equal shapes are batched, whatever they hold), what a method does with features,
targets, files of a run, how a result is shown. Nothing here imports torch: networks come as functions from arrays to
arrays.

To add: something that is computed per input is an :class:`headstart.engine.feature_pass.Extraction`; a new loop is one
file.
"""
