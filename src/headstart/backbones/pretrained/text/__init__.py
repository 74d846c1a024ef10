"""What the families of text networks share: building them with transformers, entering tokens, pooling, cards.

Must not know: which layers a network has (that is ``families/``), or where its folder came from (``sources/``).
The transformers library is imported inside functions alone.
"""
