"""In which order units of a group go, and what each step loses; one file a score.

A score sees what its group's reader sees and does on kept inputs, never a label. Its losses are compared between
groups, so each says what its unit of loss is.
"""
