"""Smaller and faster networks: the INT8 graph of a float32 one.

For: ``quantizing.quantized``, from the exported graph of a network and some of its inputs to a graph whose layers
multiply 8-bit integers.

Must not know: bundles' files, reports, the command line, how good is good enough.

To add: another treatment of a graph is a file with one function from a model to a model.
"""
