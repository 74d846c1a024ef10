"""Channels, neurons and attention heads that only the inside of a block sees, taken away where they are missed least.

What leaves a block keeps its width, so that stages, heads and students of a pruned network are those of any other. A
group of units that go together is found by ``groups``, one file of ``scores`` says in which order they go, ``sharing``
how many of each group, ``recovery`` solves the layer that read them again, and ``pruned`` does all that. A new score
is a new file in ``scores``.
"""
