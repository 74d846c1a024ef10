"""Faults that are planted in real sets, so that it is known what an audit should find."""
