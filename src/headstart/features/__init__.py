"""What a data set's networks see, and what they give: from a request and a reading to kept features.

For: the networks of a fit by modality, the lanes of inputs that go through them, the pass that computes what is not
kept yet, features learned from the training part (counted words, columns), and sources that put features side by side.

Must not know: targets beyond the strata of a split, methods, what is chosen.

To add: a kind of source is a class with ``stretches``; a modality or a backbone is added in its own room, not here.
"""
