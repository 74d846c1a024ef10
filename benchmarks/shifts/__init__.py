"""Shifts of real data sets, on which is learned how to choose an adapted head without labels.

``sets`` says which sets and their domains, ``features`` what a network makes of them, ``variations`` which rows are
source and target, ``trials`` tries every adapter, ``learning`` learns the chooser, ``summary`` writes what came.
"""
