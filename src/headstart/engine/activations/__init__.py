"""Activations, kept under the address of everything that decides their bits, so that none is computed twice.

For: addresses (:mod:`address`), segment files (:mod:`segment`), the store of many of them (:mod:`store`).

Must not know: how an activation is computed or what it is used for.

To add something that decides bits: put it into the address; kept rows of other addresses are then simply not found.
"""
